import NIOCore

/// Opens streams for viewers, without holding their requests for as long as a camera takes to start.
///
/// The engine is asked once for each viewer, so that it counts each as one, however often a player asks meanwhile.
actor StreamOpenings {
    /// How long a playlist is kept for a player that asks for it twice: browsers do, to look at it before they play.
    private let keeping: Duration

    private struct Opening {
        var task: Task<Void, Never>
        var result: Result<ByteBuffer, ControlPlaneError>?
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private var openings: [MediaToken.ViewerID: Opening] = [:]
    private var nextWaiter = 0

    init(keeping: Duration = .seconds(5)) { self.keeping = keeping }

    /// The playlist that a viewer's stream begins with; nil while the stream is starting.
    ///
    /// - Parameters:
    ///   - hold: how long the request may be held.
    ///   - open: asks the engine.
    func playlist(
        for viewer: MediaToken.ViewerID, within hold: Duration,
        open: @escaping @Sendable () async throws(ControlPlaneError) -> ByteBuffer
    ) async throws(ControlPlaneError) -> ByteBuffer? {
        if openings[viewer] == nil {
            // Owned by the opening; it ends with the engine's answer, which has a deadline, and some seconds.
            openings[viewer] = Opening(task: Task { await self.run(viewer, open) })
        }
        if openings[viewer]?.result == nil { await wait(for: viewer, within: hold) }
        switch openings[viewer]?.result {
        case nil: return nil
        case .success(let playlist): return playlist
        case .failure(let error):
            forget(viewer)
            throw error
        }
    }

    /// A viewer has left.
    func forget(_ viewer: MediaToken.ViewerID) {
        guard let opening = openings.removeValue(forKey: viewer) else { return }
        opening.task.cancel()
        for waiter in opening.waiters.values { waiter.resume() }
    }

    private func run(
        _ viewer: MediaToken.ViewerID, _ open: @Sendable () async throws(ControlPlaneError) -> ByteBuffer
    ) async {
        let result: Result<ByteBuffer, ControlPlaneError>
        do throws(ControlPlaneError) { result = .success(try await open()) } catch { result = .failure(error) }
        guard !Task.isCancelled else { return }
        openings[viewer]?.result = result
        let waiters = openings[viewer]?.waiters.values.map(\.self) ?? []
        openings[viewer]?.waiters = [:]
        for waiter in waiters { waiter.resume() }
        // Cancelled when it is forgotten, and maybe opened anew.
        guard (try? await Task.sleep(for: keeping)) != nil else { return }
        openings[viewer] = nil
    }

    /// Returns when there is a result, or after `hold`.
    private func wait(for viewer: MediaToken.ViewerID, within hold: Duration) async {
        nextWaiter += 1
        let number = nextWaiter
        let timer = Task {
            guard (try? await Task.sleep(for: hold)) != nil else { return }
            self.openings[viewer]?.waiters.removeValue(forKey: number)?.resume()
        }
        await withCheckedContinuation { openings[viewer]?.waiters[number] = $0 }
        timer.cancel()
    }
}
