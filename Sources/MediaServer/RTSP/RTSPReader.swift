import NIOCore
import StreamProtocols

/// What an RTSP viewer gets from PLAY until PAUSE or the end: gives its connection, or the UDP sockets, what the stream delivers.
final class RTSPReader: StreamReader {
    let form = ReaderForm.packets(.rtsp)
    private(set) var outboundByteCount = 0

    private weak var connection: RTSPConnection?
    /// By track.
    private let outputs: [Int: RTSPOutput]
    /// nil before the beginning.
    private var gates: ReaderGates?
    /// Bytes that may wait for the viewer.
    private let queueLimit: Int
    /// Bytes that may wait beyond them until the viewer has taken the group of pictures that it began with.
    private var initialAllowance = 0
    private let queues: ReaderQueues
    /// What this viewer's share of ``queues`` is.
    private var queuedByteCount = 0

    init(connection: RTSPConnection, outputs: [Int: RTSPOutput], queueLimit: Int, queues: ReaderQueues) {
        self.connection = connection
        self.outputs = outputs
        self.queueLimit = queueLimit
        self.queues = queues
    }

    /// Units that the viewer did not get because it was too slow.
    var droppedUnitCount: Int { gates?.droppedUnitCount ?? 0 }

    /// Nothing is to be sent any more.
    func stop() {
        for case .datagrams(let output) in outputs.values { output.discard() }
        note(queued: 0)
    }

    private func note(queued: Int) {
        queues.changed(from: queuedByteCount, to: queued)
        queuedByteCount = queued
    }

    /// Whether a viewer for which `queued` bytes wait has to do without the next unit.
    private func isCongested(_ queued: Int) -> Bool {
        note(queued: queued)
        if queued == 0 { initialAllowance = 0 }
        return queued > queueLimit + initialAllowance || queued > 0 && queues.isExceeded
    }

    // MARK: StreamReader

    func tracks(of formats: [RTPFormat]) -> Set<Int> { Set(outputs.keys) }

    func begin(_ start: StreamStart) {
        if gates == nil { gates = ReaderGates(tracks: outputs.keys.sorted(), pictureTracks: start.pictureTracks) }
        for report in start.reports { deliver(report) }
        guard !start.group.isEmpty else { return }
        // What it gets at the beginning must not make it a slow reader.
        let allowance = 2 * start.group.reduce(0) { $0 + $1.unit.byteCount }
        for delivery in start.group {
            initialAllowance = allowance
            deliver(delivery)
        }
    }

    func deliver(_ delivery: Delivery) {
        guard let output = outputs[delivery.unit.track], let batch = delivery.packets, let connection else { return }
        switch output {
        case .interleaved(let channel, _):
            let isCongested = isCongested(connection.queuedByteCount)
            guard gates?.admit(delivery.unit, isCongested: isCongested) == true else { return }
            connection.send(batch.interleaved(channel: channel))
        case .datagrams(let output):
            let isCongested = isCongested(output.queuedByteCount) || output.isCongested
            guard gates?.admit(delivery.unit, isCongested: isCongested) == true else { return }
            output.send(batch.datagrams)
        }
        outboundByteCount += batch.byteCount
    }

    func deliver(_ report: StreamReport) {
        switch outputs[report.track] {
        case .interleaved(_, let channel):
            guard let connection, connection.queuedByteCount <= queueLimit else { return }
            connection.send(interleaved: report.compound, channel: channel)
        case .datagrams(let output): output.sendReport(report.compound)
        case nil: break
        }
    }

    func flush() {
        for case .datagrams(let output) in outputs.values { output.flush() }
    }

    func streamEnded(_ goodbyes: [StreamReport]) {
        for report in goodbyes { deliver(report) }
        flush()
        note(queued: 0)
    }
}

/// The way of one track to an RTSP viewer.
enum RTSPOutput {
    case interleaved(rtp: UInt8, rtcp: UInt8)
    case datagrams(DatagramOutput)
}
