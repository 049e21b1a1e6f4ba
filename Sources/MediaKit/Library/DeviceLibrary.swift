internal import CLibAV
internal import Glibc

/// libavdevice, which knows V4L2 and ALSA. It brings eighty libraries along, from OpenGL to PulseAudio, so it is loaded when the
/// first local camera or microphone is opened, and not by every worker that starts.
enum DeviceLibrary {
    /// Why it can't be used; nil when its devices are there.
    private static let failure: String? = {
        guard let library = unsafe dlopen(toposync_avdevice_soname(), RTLD_NOW | RTLD_LOCAL),
            let symbol = unsafe dlsym(library, "avdevice_register_all")
        else { return unsafe dlerror().map { unsafe String(cString: $0) } ?? "it can't be loaded" }
        unsafe unsafeBitCast(symbol, to: (@convention(c) () -> Void).self)()
        return nil
    }()

    /// Makes libav find devices.
    static func load() throws(MediaError) {
        guard let failure else { return }
        throw MediaError(
            kind: .unsupported, operation: "open input", subject: "a camera or microphone of this computer",
            reason: unsafe "libavdevice is missing (\(failure)); install it with: apt install libavdevice"
                + String(String(cString: toposync_avdevice_soname()).drop { !$0.isNumber }))
    }
}
