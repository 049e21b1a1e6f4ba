import Foundation

@testable import VisionKit

/// ONNX Runtime as the end-to-end tests' packages bring it, or as `TOPOSYNC_ONNXRUNTIME` names it. Where it is neither, what needs it is
/// left out: whoever only builds and runs the unit tests has none.
enum InstalledRuntime {
    static let path: String? = {
        if let named = ProcessInfo.processInfo.environment["TOPOSYNC_ONNXRUNTIME"] { return named }
        let libraries = FileManager.default
        let root = ".venv/lib"
        for version in (try? libraries.contentsOfDirectory(atPath: root)) ?? [] {
            let folder = "\(root)/\(version)/site-packages/onnxruntime/capi"
            let names = (try? libraries.contentsOfDirectory(atPath: folder)) ?? []
            if let name = names.first(where: { $0.hasPrefix("libonnxruntime.so") }) {
                return URL(filePath: "\(folder)/\(name)").path(percentEncoded: false)
            }
        }
        return nil
    }()

    static func load() throws -> InferenceRuntime { try InferenceRuntime.load(path ?? "") }
}

enum Fixtures {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures")

    /// A network that marks what is red and what is blue, by `make_blobs.py`.
    static let blobs = folder.appending(path: "blobs.onnx").path(percentEncoded: false)
}
