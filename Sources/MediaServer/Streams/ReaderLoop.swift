import NIOCore
import Synchronization

/// The readers of one stream that live on one event loop. What comes crosses to that loop once for all of them, in order; on the
/// stream's own loop they get it at once.
///
/// Confined to the stream's event loop but for what runs on the other one.
final class ReaderLoop {
    /// Bytes that may be on their way to the other loop, which has stood still for a while then: what follows is left out up to the
    /// next keyframe, for all its readers.
    static let backlogLimit = 16 << 20

    let eventLoop: any EventLoop
    private(set) var members: [StreamMember] = []
    /// The same, as the other loop knows them, by what they get.
    private let arrived: NIOLoopBoundBox<[ReaderForm: [StreamMember]]>
    private let backlog = Backlog()
    private var gates: ReaderGates
    private let onDrop: (Int) -> Void

    /// What is under way.
    private final class Backlog: Sendable {
        let byteCount = Atomic(0)
    }

    /// - Parameter onDrop: is told how many units no reader of the loop got so far, because the loop was too slow.
    init(_ eventLoop: any EventLoop, tracks: [Int], pictureTracks: [Int], onDrop: @escaping (Int) -> Void) {
        self.eventLoop = eventLoop
        self.onDrop = onDrop
        arrived = .makeBoxSendingValue([:], eventLoop: eventLoop)
        gates = ReaderGates(tracks: tracks, pictureTracks: pictureTracks, hasBegun: true)
    }

    func add(_ member: StreamMember, _ start: StreamStart) {
        members.append(member)
        // The group is kept anyway, and the same for all who come.
        run { [arrived] _ in
            arrived.value[member.form, default: []].append(member)
            member.reader.begin(start)
            member.reader.flush()
        }
    }

    /// Nothing that comes from now on reaches the reader; what is under way does.
    ///
    /// - Returns: nil when it is not here.
    func remove(_ reader: any StreamReader) -> StreamMember? {
        guard let index = members.firstIndex(where: { $0.reader === reader }) else { return nil }
        let member = members.remove(at: index)
        run { [arrived] _ in arrived.value[member.form]?.removeAll { $0.reader === member.reader } }
        return member
    }

    /// Another publisher is there.
    func begin(_ start: StreamStart) {
        run { for member in $0.values.joined() { member.reader.begin(start) } }
    }

    func deliver(_ packetized: PacketizedUnit) {
        let unit = packetized.unit
        let isCongested = backlog.byteCount.load(ordering: .relaxed) > Self.backlogLimit
        guard gates.admit(unit, isCongested: isCongested) else { return onDrop(gates.droppedUnitCount) }
        run(byteCount: unit.byteCount) { arrived in
            for (form, members) in arrived {
                let delivery = packetized.delivery(as: form)
                for member in members where member.gets(unit.track) { member.reader.deliver(delivery) }
                for member in members { member.reader.flush() }
            }
        }
    }

    func deliver(_ reports: [StreamReport], as form: ReaderForm) {
        run { arrived in
            for member in arrived[form] ?? [] {
                for report in reports where member.gets(report.track) { member.reader.deliver(report) }
                member.reader.flush()
            }
        }
    }

    /// The stream has ended.
    func end(_ goodbyes: @escaping @Sendable (StreamMember) -> [StreamReport]) {
        members = []
        run { [arrived] ended in
            arrived.value = [:]
            for member in ended.values.joined() { member.reader.streamEnded(goodbyes(member)) }
        }
    }

    /// Does something on the loop with the readers that are there then, after all that was begun before.
    private func run(byteCount: Int = 0, _ body: @escaping @Sendable ([ReaderForm: [StreamMember]]) -> Void) {
        guard !eventLoop.inEventLoop else {
            body(arrived.value)
            return
        }
        backlog.byteCount.add(byteCount, ordering: .relaxed)
        eventLoop.execute { [arrived, backlog] in
            backlog.byteCount.subtract(byteCount, ordering: .relaxed)
            body(arrived.value)
        }
    }
}

/// A reader as its stream knows it.
struct StreamMember: Sendable {
    let reader: any StreamReader
    let form: ReaderForm
    let tracks: Set<Int>
    /// The same, a bit for each: it is asked for each reader and unit.
    private let trackBits: UInt64

    init(_ reader: any StreamReader, of stream: Stream) {
        self.reader = reader
        form = reader.form
        tracks = reader.tracks(of: stream.formats)
        trackBits = tracks.reduce(0) { $0 | 1 << UInt64($1) }
    }

    func gets(_ track: Int) -> Bool { trackBits & 1 << UInt64(track) != 0 }
}
