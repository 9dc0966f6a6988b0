// What naga's Metal text needs, for CUDA's compiler. sass.py rewrites the rest: swizzles become calls, address spaces go, and the entry
// point's arguments become CUDA's.


typedef unsigned int uint;
typedef unsigned long long ulong;

namespace metal {

template <typename T> struct alignas(2 * sizeof(T)) vec2 {
    T x, y;
    vec2() = default;
    explicit vec2(T a) : x(a), y(a) {}
    vec2(T a, T b) : x(a), y(b) {}
    template <typename U> explicit vec2(vec2<U> v) : x(T(v.x)), y(T(v.y)) {}
    T& operator[](uint i) { return (&x)[i]; }
    T const& operator[](uint i) const { return (&x)[i]; }
    vec2 xy() const { return *this; }
};

template <typename T> struct alignas(4 * sizeof(T)) vec3 {
    T x, y, z;
    vec3() = default;
    explicit vec3(T a) : x(a), y(a), z(a) {}
    vec3(T a, T b, T c) : x(a), y(b), z(c) {}
    vec2<T> xy() const { return vec2<T>(x, y); }
    vec2<T> yz() const { return vec2<T>(y, z); }
};

template <typename T> struct alignas(4 * sizeof(T)) vec4 {
    T x, y, z, w;
    vec4() = default;
    explicit vec4(T a) : x(a), y(a), z(a), w(a) {}
    vec4(T a, T b, T c, T d) : x(a), y(b), z(c), w(d) {}
    vec4(vec2<T> a, vec2<T> b) : x(a.x), y(a.y), z(b.x), w(b.y) {}
    vec4(vec2<T> a, T b, T c) : x(a.x), y(a.y), z(b), w(c) {}
    vec4(T a, T b, vec2<T> c) : x(a), y(b), z(c.x), w(c.y) {}
    vec4(vec3<T> a, T b) : x(a.x), y(a.y), z(a.z), w(b) {}
    vec4(T a, vec3<T> b) : x(a), y(b.x), z(b.y), w(b.z) {}
    T& operator[](uint i) { return (&x)[i]; }
    T const& operator[](uint i) const { return (&x)[i]; }
    vec2<T> xy() const { return vec2<T>(x, y); }
    vec2<T> zw() const { return vec2<T>(z, w); }
    vec3<T> xyz() const { return vec3<T>(x, y, z); }
    vec3<T> yzw() const { return vec3<T>(y, z, w); }
};

using uint = ::uint;
using uint2 = vec2<uint>;
using uint3 = vec3<uint>;
using uint4 = vec4<uint>;
using ulong = ::ulong;
using ulong2 = vec2<ulong>;
using ulong4 = vec4<ulong>;
using int2 = vec2<int>;
using int4 = vec4<int>;
using bool2 = vec2<bool>;

#define SHIM_OPERATOR(op) \
    template <typename T> inline vec2<T> operator op(vec2<T> a, vec2<T> b) { return vec2<T>(a.x op b.x, a.y op b.y); } \
    template <typename T> inline vec2<T> operator op(vec2<T> a, T b) { return vec2<T>(a.x op b, a.y op b); } \
    template <typename T> inline vec2<T> operator op(T a, vec2<T> b) { return vec2<T>(a op b.x, a op b.y); } \
    template <typename T, typename S> inline vec4<T> operator op(vec4<T> a, vec4<S> b) { \
        return vec4<T>(a.x op b.x, a.y op b.y, a.z op b.z, a.w op b.w); \
    }
SHIM_OPERATOR(+)
SHIM_OPERATOR(-)
SHIM_OPERATOR(*)
SHIM_OPERATOR(&)
SHIM_OPERATOR(|)
SHIM_OPERATOR(^)
SHIM_OPERATOR(>>)
SHIM_OPERATOR(<<)
template <typename T> inline vec2<T>& operator-=(vec2<T>& a, vec2<T> b) { return a = a - b; }
template <typename T> inline vec4<T> operator-(vec4<T> a) { return vec4<T>(-a.x, -a.y, -a.z, -a.w); }
inline bool2 operator==(uint2 a, uint2 b) { return bool2(a.x == b.x, a.y == b.y); }

inline bool all(bool2 a) { return a.x && a.y; }
inline uint min(uint a, uint b) { return ::min(a, b); }
inline int min(int a, int b) { return ::min(a, b); }
inline uint max(uint a, uint b) { return ::max(a, b); }
inline float select(float a, float b, bool c) { return c ? b : a; }
inline uint select(uint a, uint b, bool c) { return c ? b : a; }
inline int select(int a, int b, bool c) { return c ? b : a; }
inline float abs(float a) { return fabsf(a); }
inline uint insert_bits(uint a, uint b, uint at, uint n) {
    const uint mask = uint((1ull << n) - 1) << at;
    return (a & ~mask) | ((b << at) & mask);
}
inline uint clz(uint a) { return __clz(a); }
// SPIR-V's FindUMsb, which Metal writes with two selects.
inline uint first_leading_bit(uint a) { return 31u - __clz(a); }

struct atomic_uint {
    uint value;
};
enum memory_order { memory_order_relaxed };
namespace mem_flags {
enum flags { mem_threadgroup };
}
inline void threadgroup_barrier(mem_flags::flags) { __syncthreads(); }
inline void atomic_store_explicit(atomic_uint* a, uint v, memory_order) { *(volatile uint*)&a->value = v; }
inline uint atomic_fetch_and_explicit(atomic_uint* a, uint v, memory_order) { return atomicAnd(&a->value, v); }
inline uint atomic_fetch_or_explicit(atomic_uint* a, uint v, memory_order) { return atomicOr(&a->value, v); }

} // namespace metal


template <typename To> struct Bits;
template <> struct Bits<float> {
    static float of(uint v) { return __uint_as_float(v); }
    static float of(int v) { return __int_as_float(v); }
    static float of(float v) { return v; }
};
template <> struct Bits<uint> {
    static uint of(float v) { return __float_as_uint(v); }
    static uint of(int v) { return uint(v); }
    static uint of(uint v) { return v; }
};
template <> struct Bits<int> {
    static int of(float v) { return __float_as_int(v); }
    static int of(uint v) { return int(v); }
    static int of(int v) { return v; }
};
template <> struct Bits<long> {
    static long of(ulong v) { return long(v); }
};
template <> struct Bits<ulong> {
    static ulong of(long v) { return ulong(v); }
};
template <> struct Bits<metal::uint4> {
    static metal::uint4 of(metal::int4 v) { return metal::uint4(uint(v.x), uint(v.y), uint(v.z), uint(v.w)); }
};
template <typename To, typename From> inline To as_type(From v) { return Bits<To>::of(v); }
