internal import COnnxRuntime
internal import Glibc
internal import Synchronization

/// ONNX Runtime, loaded from where it is installed: one environment for the process, which tells nobody anything.
@safe public final class InferenceRuntime: Sendable {
    /// Such as `1.32.0`.
    public let version: String

    // Constant data of the library, which is never unloaded: one that has started threads can't be.
    private nonisolated(unsafe) let table: UnsafePointer<OrtApi>
    // Lives as long as the process; ONNX Runtime allows its use from several threads.
    nonisolated(unsafe) let environment: OpaquePointer

    var api: OrtApi { unsafe table.pointee }

    private static let loaded = Mutex<[String: InferenceRuntime]>([:])

    /// - Parameter path: of the library. Loaded once, however often it is asked for.
    public static func load(_ path: String) throws(VisionError) -> InferenceRuntime {
        try loaded.withLock { (loaded) throws(VisionError) in
            if let runtime = loaded[path] { return runtime }
            let runtime = try InferenceRuntime(path)
            loaded[path] = runtime
            return runtime
        }
    }

    private init(_ path: String) throws(VisionError) {
        guard let library = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL),
            let symbol = unsafe dlsym(library, "OrtGetApiBase")
        else { throw .runtime(unsafe dlerror().map { unsafe String(cString: $0) } ?? "it can't be loaded") }
        let base = unsafe unsafeBitCast(symbol, to: (@convention(c) () -> UnsafePointer<OrtApiBase>?).self)()
        version = unsafe base?.pointee.GetVersionString?().map { unsafe String(cString: $0) } ?? ""
        guard let table = unsafe base?.pointee.GetApi?(UInt32(toposync_ort_api_version)) else {
            throw .runtime("its version \(version) is too old")
        }
        unsafe self.table = table
        var environment: OpaquePointer?
        // What goes wrong comes back as an error: it needs no log of its own.
        let status = unsafe table.pointee.CreateEnv(
            CInt(toposync_ort_log_fatal), "toposync-streaming", &environment)
        guard let environment = unsafe environment else {
            throw .runtime(unsafe Self.takeText(of: status, table.pointee) ?? "it gives no environment")
        }
        unsafe self.environment = unsafe environment
        _ = unsafe Self.takeText(of: table.pointee.DisableTelemetryEvents(environment), table.pointee)
    }

    /// - Parameter status: is released.
    func check(_ status: OpaquePointer?) throws(VisionError) {
        if let text = unsafe Self.takeText(of: status, api) { throw .model(text) }
    }

    private static func takeText(of status: OpaquePointer?, _ api: OrtApi) -> String? {
        guard let status = unsafe status else { return nil }
        defer { unsafe api.ReleaseStatus(status) }
        let text = unsafe api.GetErrorMessage(status).map { unsafe String(cString: $0) } ?? ""
        return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
