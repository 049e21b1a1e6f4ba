import NIOCore
import NIOPosix
import StreamProtocols

@testable import MediaServer

/// A reader that keeps what it gets.
///
/// Unchecked: what changes is used on its event loop, and read when nothing is under way any more.
final class RecordingReader: StreamReader, @unchecked Sendable {
    let eventLoop: any EventLoop
    let form: ReaderForm
    /// nil for all.
    let wanted: Set<Int>?
    var deliveries: [Delivery] = []
    var reports: [StreamReport] = []
    var goodbyes: [StreamReport] = []
    /// How many of ``deliveries`` it began with, each time.
    var groupCounts: [Int] = []
    var hasEnded = false

    /// - Parameter eventLoop: nil for that on which it is made.
    init(_ form: ReaderForm = .packets(.rtsp), tracks: Set<Int>? = nil, on eventLoop: (any EventLoop)? = nil) {
        self.eventLoop =
            eventLoop ?? MultiThreadedEventLoopGroup.currentEventLoop ?? MultiThreadedEventLoopGroup.singleton.next()
        self.form = form
        wanted = tracks
    }

    var outboundByteCount: Int { deliveries.reduce(0) { $0 + $1.unit.sample.byteCount } }

    func tracks(of formats: [RTPFormat]) -> Set<Int> { wanted ?? Set(formats.indices) }

    func begin(_ start: StreamStart) {
        eventLoop.preconditionInEventLoop()
        groupCounts.append(start.group.count)
        reports += start.reports
        deliveries += start.group
    }

    func deliver(_ delivery: Delivery) {
        eventLoop.preconditionInEventLoop()
        deliveries.append(delivery)
    }

    func deliver(_ report: StreamReport) {
        eventLoop.preconditionInEventLoop()
        reports.append(report)
    }

    func streamEnded(_ goodbyes: [StreamReport]) {
        eventLoop.preconditionInEventLoop()
        self.goodbyes = goodbyes
        hasEnded = true
    }

    var units: [StreamUnit] { deliveries.map(\.unit) }
    var samples: [Sample] { units.map(\.sample) }
    /// The last byte of each picture.
    var numbers: [UInt8] { samples.compactMap { $0.nalUnits.last?.last } }
    var batches: [MediaBatch] { deliveries.compactMap(\.packets) }

    var packets: [RTPPacket] { Self.packets(of: batches) }

    func packets(ofTrack track: Int) -> [RTPPacket] { Self.packets(of: batches.filter { $0.track == track }) }

    private static func packets(of batches: [MediaBatch]) -> [RTPPacket] {
        batches.flatMap { batch in
            batch.packets
                + batch.runs.flatMap(\.packets).compactMap { try? RTPPacket(parsing: [UInt8]($0.readableBytesView)) }
        }
    }
}
