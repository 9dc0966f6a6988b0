//! What libraries below say on standard error on their own account.

/// Mesa's Vulkan layer looks for a Wayland display when adapters are listed, and where `XDG_RUNTIME_DIR` is not set, as in containers,
/// libwayland prints an "error:" of its own. In a folder that is none it finds no display either, and is silent.
pub(crate) fn hush() {
    #[cfg(target_os = "linux")]
    {
        const KEY: &str = "XDG_RUNTIME_DIR";
        if std::env::var_os(KEY).is_none_or(|folder| !std::path::Path::new(&folder).is_absolute()) {
            // SAFETY: this is called before there is another thread.
            #[expect(unsafe_code, reason = "the environment of a process has no lock")]
            unsafe {
                std::env::set_var(KEY, "/dev/null");
            }
        }
    }
}
