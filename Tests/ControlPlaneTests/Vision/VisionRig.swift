import Foundation
import Logging
import NIOHTTP1
import StreamModel
import Synchronization
import Testing

@testable import ControlPlane

/// A runtime and a model that never were, the server that has them, and an installer for them.
final class VisionRig: Sendable {
    let folder = TemporaryFolder()
    let library: VisionLibrary
    let installer: VisionInstaller
    let server: LocalServer
    let wheel: [UInt8]
    let model: [UInt8]
    let runtimeItem: VisionItem
    private let changes: Changes

    private final class Changes: Sendable {
        let all = Mutex<[VisionInstallState]>([])
    }

    static let member = "onnxruntime/capi/libonnxruntime.so.9"
    static let library = String(repeating: "a library ", count: 1000)
    /// Version 8 and a network of two bytes, as `onnx.proto` has them.
    static let network: [UInt8] = [0x08, 0x08, 0x3a, 0x02, 0x12, 0x00]

    /// - Parameters:
    ///   - wheel: the archive with the runtime; nil is a right one.
    ///   - published: the wheel whose checksum is known; nil is the same.
    ///   - checksums: of the mirror; nil is none.
    ///   - troubles: of the requests for the wheel, one after the other.
    init(
        wheel: [UInt8]? = nil, published: [UInt8]? = nil, checksums: String? = nil,
        troubles: [MadeUpRelease.Trouble] = [], in dataDirectory: String? = nil
    ) async throws {
        let wheel = try wheel ?? Self.goodWheel()
        let model = Self.network
        self.wheel = wheel
        self.model = model
        let script = MadeUpRelease.Script(troubles)
        server = try await LocalServer { request in
            switch request.path {
            case "/checksums.sha256": checksums.map { .init(body: Array($0.utf8)) } ?? .notFound
            case "/runtime.whl": MadeUpRelease.reply(wheel, request, script.next())
            case "/small.onnx": MadeUpRelease.reply(model, request, nil)
            default: .notFound
            }
        }
        runtimeItem = VisionItem(
            id: "onnxruntime", name: "ONNX Runtime 9", licence: "MIT", url: "https://published.invalid/runtime.whl",
            size: wheel.count, sha256: try Archives.sha256sum(published ?? wheel), member: Self.member)
        let small = VisionItem(
            id: "small", name: "Small", licence: "Apache-2.0", url: "https://published.invalid/small.onnx",
            size: model.count, sha256: try Archives.sha256sum(model), inputSize: 416)
        let changes = Changes()
        self.changes = changes
        let library = VisionLibrary(dataDirectory: dataDirectory ?? folder.path)
        self.library = library
        installer = VisionInstaller(
            library: library, catalog: VisionCatalog(runtime: runtimeItem, models: [small]),
            source: VisionSource(mirror: server.url),
            clock: InstallClock(now: { .zero }, sleep: { _ in }, unixTime: { 1000 }),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            onChange: { change in changes.all.withLock { $0.append(change) } })
    }

    static func goodWheel() throws -> [UInt8] {
        try Archives.zip([
            .init(name: "onnxruntime/__init__.py", content: "raise SystemExit"),
            .init(name: "../evil", content: "x"), .init(name: member, content: library, noise: 1 << 20),
        ])
    }

    func install() async -> InstallProgress {
        installer.start("small")
        return await installer.wait().progress
    }

    /// The states in their order.
    var states: [InstallProgress.State] {
        changes.all.withLock { changes in
            changes.map(\.progress.state).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
        }
    }

    /// The most that was said to be there of what was said to be in all.
    var received: (bytes: Int, total: Int) {
        changes.all.withLock { changes in
            (changes.map(\.progress.bytes).max() ?? 0, changes.compactMap(\.progress.totalBytes).max() ?? 0)
        }
    }

    /// Every file below the library, by its path in there.
    var files: Set<String> { TemporaryFolder.files(below: library.folder) }

    var wheelRequests: [LocalServer.Request] { server.requests.filter { $0.path == "/runtime.whl" } }
}
