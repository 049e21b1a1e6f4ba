import Foundation
import Subprocess

/// The environment of the processes that the server starts: what they use of its own, and nothing else.
///
/// Workers read what cameras send, engines what anybody sends, so that neither gets what was meant for the server: the
/// token of a supervisor, or a password in a variable. Variables of `MTX_…` would also change the configuration that
/// MediaMTX is given.
enum ChildEnvironment {
    private static let names: Set<String> = [
        "PATH", "HOME", "TMPDIR", "TZ", "TZDIR", "LANG", "LANGUAGE", "LD_LIBRARY_PATH",
        // libav reads HTTP cameras by a proxy where there is one, and checks certificates by these.
        "http_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR",
        // Which graphics card encodes (CUDA, oneVPL), beside VA-API's `LIBVA_…`.
        "CUDA_VISIBLE_DEVICES", "ONEVPL_SEARCH_PATH",
        // Where ALSA finds microphones, and those of a sound server.
        "ALSA_CONFIG_PATH", "ALSA_CONFIG_DIR", "PULSE_SERVER", "XDG_RUNTIME_DIR",
        // How the C library keeps memory, and what Swift does in a crash.
        "MALLOC_ARENA_MAX", mappedBlocks.name, "SWIFT_BACKTRACE",
        // What the checks of a test build look for.
        "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS",
        // Names a run of the server, so that whoever watches over it finds all of its processes.
        "TOPOSYNC_STREAMING_INSTANCE",
    ]
    private static let prefixes = ["LC_", "LIBVA_"]

    /// Bytes from which on a block of memory gets pages of its own, which go back to the system when it is freed (mallopt(3),
    /// M_MMAP_THRESHOLD). The C library begins with as many, but takes ever larger blocks from its heap once some have been
    /// freed; pictures and segments of HLS then leave it full of holes.
    private static let mappedBlocks = (name: "MALLOC_MMAP_THRESHOLD_", bytes: "131072")

    /// That of the children of this process.
    static let current = Environment.custom(
        Dictionary(
            uniqueKeysWithValues: selected(from: ProcessInfo.processInfo.environment).map {
                (Environment.Key(stringLiteral: $0.key), $0.value)
            }))

    /// What of an environment is passed on, and what children are given besides.
    static func selected(from environment: [String: String]) -> [String: String] {
        environment.filter { variable in
            names.contains(variable.key) || prefixes.contains { variable.key.hasPrefix($0) }
        }.merging([mappedBlocks.name: mappedBlocks.bytes]) { own, _ in own }
    }
}
