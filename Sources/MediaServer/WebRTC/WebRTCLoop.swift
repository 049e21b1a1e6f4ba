import NIOCore

/// An event loop on which viewers by WebRTC are sent to, with what they share there.
struct WebRTCLoop: Sendable {
    /// The engine's, with timers of this loop.
    let clock: EngineClock
    let scratch: NIOLoopBoundBox<PacketScratch>

    init(_ eventLoop: any EventLoop, clock: EngineClock) {
        self.clock = clock.moved(to: eventLoop)
        scratch = .makeBoxSendingValue(PacketScratch(), eventLoop: eventLoop)
    }

    var eventLoop: any EventLoop { clock.eventLoop }
}
