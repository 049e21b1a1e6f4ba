import Foundation
import Logging
import StreamModel
import Synchronization

/// Installs what detection needs: one thing after the other, in the background, and tells how it goes.
public final class VisionInstaller: Sendable {
    private struct State {
        var progress = InstallProgress()
        /// What is being installed, or was last.
        var item: VisionItem?
        /// What was asked for.
        var model: String?
        var task: Task<Void, Never>?
    }

    let library: VisionLibrary
    let catalog: VisionCatalog
    private let source: VisionSource
    private let clock: InstallClock
    private let logger: Logger
    private let onChange: @Sendable (VisionInstallState) -> Void
    private let onEnd: @Sendable () -> Void
    private let state = Mutex(State())
    private let taken = Mutex(VisionAssets())

    /// - Parameters:
    ///   - dataDirectory: everything goes under `runtime/vision` in it.
    ///   - mirror: a folder with the files; nil is where they are published.
    ///   - onChange: called on any thread, often while bytes come; it must not block.
    ///   - onEnd: called when something was installed, or its installation failed.
    public convenience init(
        dataDirectory: String, mirror: String?, logger: Logger,
        onChange: @escaping @Sendable (VisionInstallState) -> Void = { _ in },
        onEnd: @escaping @Sendable () -> Void = {}
    ) {
        self.init(
            library: VisionLibrary(dataDirectory: dataDirectory), catalog: .current,
            source: VisionSource(mirror: mirror),
            clock: .system, logger: logger, onChange: onChange, onEnd: onEnd)
    }

    init(
        library: VisionLibrary, catalog: VisionCatalog, source: VisionSource, clock: InstallClock, logger: Logger,
        onChange: @escaping @Sendable (VisionInstallState) -> Void = { _ in },
        onEnd: @escaping @Sendable () -> Void = {}
    ) {
        self.library = library
        self.catalog = catalog
        self.source = source
        self.clock = clock
        self.logger = logger
        self.onChange = onChange
        self.onEnd = onEnd
    }

    /// The model that is installed when none is named: the smallest.
    public static let defaultModel = "yolox_nano"

    /// Those that can be downloaded.
    public var modelIDs: [String] { catalog.models.map(\.id) }

    /// What is under way, or how it ended.
    public var current: VisionInstallState { state.withLock { Self.shown($0) } }

    /// What workers are told.
    var assets: VisionAssets { taken.withLock { $0 } }

    /// - Returns: whether workers are to be told anew.
    func take(_ assets: VisionAssets) -> Bool {
        taken.withLock { taken in
            defer { taken = assets }
            return taken != assets
        }
    }

    private static func shown(_ state: State) -> VisionInstallState {
        VisionInstallState(item: state.item?.id, name: state.item?.name, progress: state.progress)
    }

    /// What became of a wish.
    public enum Start: Hashable, Sendable {
        case started
        /// It was asked for before.
        case goesOn
        /// Something else is being installed, whose name it is.
        case busy(String)
        case unknownModel
        /// No runtime exists for this machine.
        case unsupportedMachine
    }

    /// Starts to install a model, and the runtime first where it is missing.
    @discardableResult
    public func start(_ id: String) -> Start {
        guard let model = catalog.model(id) else { return .unknownModel }
        guard let runtime = catalog.runtime else { return .unsupportedMachine }
        let (result, shown) = state.withLock { state -> (Start, VisionInstallState) in
            if state.task != nil {
                return (state.model == id ? .goesOn : .busy(state.item?.name ?? id), Self.shown(state))
            }
            state.model = id
            state.item = runtime
            state.progress = InstallProgress(.preparing, startedAtUnix: clock.unixTime())
            state.task = Task { await self.install([runtime, model]) }
            return (.started, Self.shown(state))
        }
        if result == .started { onChange(shown) }
        return result
    }

    /// Ends what is under way and waits for its end. What was downloaded is kept for the next time.
    public func cancel() async {
        let task = state.withLock { $0.task }
        task?.cancel()
        await task?.value
    }

    /// Waits until nothing is under way.
    /// - Returns: how it ended.
    @discardableResult
    public func wait() async -> VisionInstallState {
        while let task = state.withLock({ $0.task }) { await task.value }
        return current
    }

    private func install(_ items: [VisionItem]) async {
        // Both count in one figure; what is there already does not.
        let missing = items.filter { library.find($0) == nil }
        var total = missing.reduce(0) { $0 + $1.size }
        var before = 0
        var failure: InstallError?
        for item in items {
            change { $0.item = item }
            if missing.contains(item) { logger.info("\(item.name) is being installed.") }
            let base = before
            let rest = max(0, total - item.size)
            let installation = VisionInstallation(item: item, library: library, source: source, clock: clock) { step in
                self.note(step, before: base, rest: rest)
            }
            do throws(InstallError) {
                try await installation.run()
            } catch {
                failure = error
                logger.error("\(item.name) was not installed. \(error.visionMessage.text)")
                break
            }
            if missing.contains(item) { total -= item.size }
            before = current.progress.bytes
        }
        change { state in
            state.progress.end(failure, atUnix: clock.unixTime(), \.visionMessage)
            state.task = nil
        }
        onEnd()
    }

    private func note(_ step: InstallStep, before: Int, rest: Int) {
        change { state in
            var step = step
            if case .received(let bytes, let total) = step {
                step = .received(bytes: before + bytes, total: total.map { before + $0 + rest })
            }
            state.progress.note(step, at: clock.now(), \.visionMessage)
        }
    }

    private func change(_ body: (inout State) -> Void) {
        onChange(
            state.withLock { state in
                body(&state)
                return Self.shown(state)
            })
    }
}
