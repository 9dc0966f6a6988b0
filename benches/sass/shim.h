// What naga's Metal text needs, for CUDA's compiler: it stands in this namespace, in which `uint2` is not CUDA's. sass.py rewrites the
// rest: parts of vectors become calls, address spaces go, and the entry point's arguments become CUDA's. Vectors are plain structs: as
// arrays of one template they are other code.

typedef unsigned int uint;
typedef unsigned long long ulong;

namespace metal {

template <typename T> struct alignas(2 * sizeof(T)) vec2 {
    T x, y;
    vec2() = default;
    explicit vec2(T a) : x(a), y(a) {}
    vec2(T a, T b) : x(a), y(b) {}
    T& operator[](uint i) { return (&x)[i]; }
    T const& operator[](uint i) const { return (&x)[i]; }
};

template <typename T> struct alignas(4 * sizeof(T)) vec3 {
    T x, y, z;
};

template <typename T> struct alignas(4 * sizeof(T)) vec4 {
    T x, y, z, w;
    vec4() = default;
    explicit vec4(T a) : x(a), y(a), z(a), w(a) {}
    vec4(T a, T b, T c, T d) : x(a), y(b), z(c), w(d) {}
    vec4(vec2<T> a, vec2<T> b) : x(a.x), y(a.y), z(b.x), w(b.y) {}
    vec4(vec3<T> a, T b) : x(a.x), y(a.y), z(a.z), w(b) {}
    vec4(T a, vec3<T> b) : x(a), y(b.x), z(b.y), w(b.z) {}
    T& operator[](uint i) { return (&x)[i]; }
    T const& operator[](uint i) const { return (&x)[i]; }
    vec2<T> xy() const { return {x, y}; }
    vec2<T> zw() const { return {z, w}; }
    vec3<T> xyz() const { return {x, y, z}; }
    vec3<T> yzw() const { return {y, z, w}; }
};

using uint2 = vec2<uint>;
using uint3 = vec3<uint>;
using uint4 = vec4<uint>;
using ulong2 = vec2<ulong>;
using bool2 = vec2<bool>;

#define SHIM_OPERATOR(op) \
    template <typename T> vec2<T> operator op(vec2<T> a, vec2<T> b) { return {a.x op b.x, a.y op b.y}; } \
    template <typename T> vec2<T> operator op(vec2<T> a, T b) { return {a.x op b, a.y op b}; } \
    template <typename T> vec2<T> operator op(T a, vec2<T> b) { return {a op b.x, a op b.y}; } \
    template <typename T, typename S> vec4<T> operator op(vec4<T> a, vec4<S> b) { return {a.x op b.x, a.y op b.y, a.z op b.z, a.w op b.w}; }
SHIM_OPERATOR(+)
SHIM_OPERATOR(-)
SHIM_OPERATOR(*)
SHIM_OPERATOR(&)
SHIM_OPERATOR(|)
SHIM_OPERATOR(^)
SHIM_OPERATOR(>>)
SHIM_OPERATOR(<<)
template <typename T> vec2<T>& operator-=(vec2<T>& a, vec2<T> b) { return a = a - b; }
inline bool2 operator==(uint2 a, uint2 b) { return {a.x == b.x, a.y == b.y}; }
inline bool all(bool2 a) { return a.x && a.y; }

template <typename T> T min(T a, T b) { return ::min(a, b); }
template <typename T> T max(T a, T b) { return ::max(a, b); }
template <typename T> T select(T a, T b, bool c) { return c ? b : a; }
inline uint insert_bits(uint a, uint b, uint at, uint n) {
    const uint mask = uint((1ull << n) - 1) << at;
    return (a & ~mask) | ((b << at) & mask);
}
// SPIR-V's FindUMsb, which Metal writes with two selects.
inline uint first_leading_bit(uint a) { return 31u - __clz(a); }

enum class mem_flags { mem_threadgroup };
inline void threadgroup_barrier(mem_flags) { __syncthreads(); }

template <typename To, typename From> To as_type(From v) {
    static_assert(sizeof(To) == sizeof(From));
    To bits;
    memcpy(&bits, &v, sizeof v);
    return bits;
}
