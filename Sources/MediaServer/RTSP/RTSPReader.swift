import NIOCore
import StreamProtocols

/// What an RTSP viewer, or all of one group, get from PLAY until PAUSE or the end: gives a channel, or the UDP sockets, what the
/// stream delivers.
///
/// Unchecked: all that changes is used on its event loop alone. The sockets live there too.
final class RTSPReader: StreamReader, @unchecked Sendable {
    let eventLoop: any EventLoop
    let form = ReaderForm.packets(.rtsp)
    private let counts: ReaderCounts
    /// nil where everything goes to a group.
    private let channel: RTSPChannel?
    /// By track; nil for those that are not set up.
    private let outputs: [RTSPOutput?]
    /// nil before the beginning.
    private var gates: ReaderGates?
    /// Of what the gates refused, units that ``counts`` has.
    private var countedDrops = 0
    private var bound: QueueBound
    private let queues: ReaderQueues
    /// Whether it begins with the pictures since the last keyframe.
    private let takesGroup: Bool
    /// What this viewer's share of ``queues`` is.
    private var queuedByteCount = 0

    /// - Parameter eventLoop: that of the channel, or of the sockets when the packets go by UDP.
    init(
        channel: RTSPChannel?, eventLoop: any EventLoop, outputs: [Int: RTSPOutput], counts: ReaderCounts,
        queueLimit: Int, queues: ReaderQueues, takesGroup: Bool = true
    ) {
        self.channel = channel
        self.eventLoop = eventLoop
        self.outputs = (0...(outputs.keys.max() ?? 0)).map { outputs[$0] }
        self.counts = counts
        bound = QueueBound(limit: queueLimit)
        self.queues = queues
        self.takesGroup = takesGroup
    }

    var outboundByteCount: Int { counts.outboundByteCount }

    /// It has been removed: what still waits is not sent. Called on any event loop.
    func stop() {
        guard eventLoop.inEventLoop else {
            // Behind what is under way to it.
            eventLoop.execute { self.stop() }
            return
        }
        for case .datagrams(let output)? in outputs { output.discard() }
        note(queued: 0)
    }

    /// Bytes of all tracks that wait, of a viewer by UDP.
    private var queuedDatagramByteCount: Int {
        outputs.reduce(0) { if case .datagrams(let output)? = $1 { $0 + output.queuedByteCount } else { $0 } }
    }

    private func note(queued: Int) {
        queues.changed(from: queuedByteCount, to: queued)
        queuedByteCount = queued
    }

    /// Whether a viewer for which `queued` bytes wait has to do without the next unit.
    private func isCongested(_ queued: Int) -> Bool {
        note(queued: queued)
        return bound.isExceeded(queued: queued, isIdle: queued == 0) || queued > 0 && queues.isExceeded
    }

    // MARK: StreamReader

    func tracks(of formats: [RTPFormat]) -> Set<Int> { Set(outputs.indices.filter { outputs[$0] != nil }) }

    private func output(ofTrack track: Int) -> RTSPOutput? { track < outputs.count ? outputs[track] : nil }

    func begin(_ start: StreamStart) {
        if gates == nil {
            gates = ReaderGates(tracks: tracks(of: start.formats).sorted(), pictureTracks: start.pictureTracks)
        }
        for report in start.reports { deliver(report) }
        let group = takesGroup ? start.group : []
        bound.begin(groupByteCount: group.reduce(0) { $0 + $1.unit.byteCount })
        for delivery in group { deliver(delivery) }
    }

    func deliver(_ delivery: Delivery) {
        guard let output = output(ofTrack: delivery.unit.track), let batch = delivery.packets else { return }
        switch output {
        case .interleaved(let number, _):
            guard let channel, admit(delivery.unit, isCongested: isCongested(channel.queuedByteCount)) else { return }
            channel.send(batch.interleaved(channel: number))
        case .datagrams(let output):
            guard admit(delivery.unit, isCongested: isCongested(queuedDatagramByteCount)) else { return }
            output.send(batch.runs)
        }
        counts.sent(batch.byteCount)
    }

    private func admit(_ unit: StreamUnit, isCongested: Bool) -> Bool {
        guard gates?.admit(unit, isCongested: isCongested) != true else { return true }
        let droppedUnitCount = gates?.droppedUnitCount ?? 0
        counts.dropped(droppedUnitCount - countedDrops)
        countedDrops = droppedUnitCount
        return false
    }

    func deliver(_ report: StreamReport) {
        switch output(ofTrack: report.track) {
        case .interleaved(_, let number):
            guard let channel, channel.queuedByteCount <= bound.limit,
                let buffer = ByteBuffer(interleaved: report.compound, channel: number)
            else { return }
            channel.send(buffer)
        case .datagrams(let output): output.send(report: report.compound)
        case nil: break
        }
    }

    func streamEnded(_ goodbyes: [StreamReport]) {
        for report in goodbyes { deliver(report) }
        note(queued: 0)
    }
}

/// The way of one track to an RTSP viewer.
enum RTSPOutput {
    case interleaved(rtp: UInt8, rtcp: UInt8)
    case datagrams(any DatagramWay)
}
