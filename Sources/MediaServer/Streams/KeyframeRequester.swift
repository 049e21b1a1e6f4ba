/// Asks the publisher of one track of pictures for keyframes, as ``KeyframeWish`` says. Confined to the engine's event loop.
final class KeyframeRequester {
    /// Whoever begins with a keyframe that is older sees the past first; by HLS, the next one is what ends a segment.
    static let freshness: Duration = .seconds(2)

    private var wish = KeyframeWish()
    private var timer: LoopTimer?
    private let clock: EngineClock
    private let ask: () -> Void

    /// - Parameter ask: asks once.
    init(clock: EngineClock, ask: @escaping () -> Void) {
        self.clock = clock
        self.ask = ask
    }

    /// A viewer has come that begins with what is kept.
    ///
    /// - Parameter hasGroup: whether that begins with a keyframe.
    func viewerCame(hasGroup: Bool) {
        if hasGroup { freshKeyframeWanted() } else { keyframeWanted() }
    }

    /// Somebody wants keyframes to be no older than ``freshness``.
    func freshKeyframeWanted() {
        if let last = wish.lastKeyframe, clock.now - last <= Self.freshness { return }
        keyframeWanted()
    }

    func keyframeWanted() { perform(wish.wanted(at: clock.now)) }

    func keyframeCame() { wish.keyframeCame(at: clock.now) }

    /// Nobody is there who could be asked, or somebody else.
    func forget() {
        timer?.cancel()
        timer = nil
        wish = KeyframeWish()
    }

    private func perform(_ action: KeyframeWish.Action) {
        switch action {
        case .nothing: break
        case .ask:
            ask()
            schedule(after: KeyframeWish.interval)
        case .wait(let delay): schedule(after: delay)
        }
    }

    private func schedule(after delay: Duration) {
        timer?.cancel()
        timer = clock.schedule(after: delay) { [weak self] in
            guard let self else { return }
            timer = nil
            perform(wish.timerFired(at: clock.now))
        }
    }
}
