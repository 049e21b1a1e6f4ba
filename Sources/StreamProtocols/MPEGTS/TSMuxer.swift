/// Writes an MPEG-2 transport stream with one program (ISO/IEC 13818-1), a few packets per access unit.
///
/// The continuity counters run on from segment to segment, so the segments of one muxer can be joined. Times are 90 kHz
/// and may grow without bound: they wrap at 33 bits on the wire, as the standard has it.
public struct TSMuxer: Sendable {
    /// Where FFmpeg and most packagers put the program map and the first stream.
    public static let programMapPID: UInt16 = 0x1000
    public static let firstStreamPID: UInt16 = 0x0100
    /// Of timed metadata, behind pictures and sound.
    public static let metadataPID: UInt16 = firstStreamPID + 2

    /// How far the program clock runs behind decoding, so that the bytes of a picture arrive before they are due: half
    /// a second, within the one second that the decoder model allows (§2.4.2.6).
    public static let clockDelay: Int64 = 45_000

    public let streams: [TSElementaryStream]
    private var programAssociation = TSPacketWriter(pid: 0)
    private var programMap = TSPacketWriter(pid: TSMuxer.programMapPID)
    private var writers: [TSPacketWriter]
    private var metadata = TSPacketWriter(pid: TSMuxer.metadataPID)
    private let programAssociationSection: [UInt8]
    /// By the number of streams that they tell of, from 1 on.
    private let programMapSections: [[UInt8]]
    /// Reused for each PES packet, so that steady state allocates nothing here.
    private var scratch: [UInt8] = []

    /// - Parameter streams: the program's streams; the first carries the clock.
    public init(streams: [TSElementaryStream]) {
        self.streams = streams
        writers = streams.map { TSPacketWriter(pid: $0.pid) }
        programAssociationSection = TSProgramTables.programAssociationSection(programMapPID: Self.programMapPID)
        programMapSections = streams.indices.map { last in
            TSProgramTables.programMapSection(clockPID: streams[0].pid, streams: [TSElementaryStream](streams[...last]))
        }
    }

    /// Appends the program association and map tables; every segment begins with them (RFC 8216 §3.2).
    ///
    /// - Parameters:
    ///   - streamCount: how many streams, the first ones, there are; nil for all.
    ///   - hasMetadata: whether there is timed metadata beside them.
    public mutating func appendTables(streamCount: Int? = nil, hasMetadata: Bool = false, to bytes: inout [UInt8]) {
        programAssociation.append(section: programAssociationSection, to: &bytes)
        let count = min(max(streamCount ?? streams.count, 1), streams.count)
        guard count > 0 else { return }
        let section =
            hasMetadata
            ? TSProgramTables.programMapSection(
                clockPID: streams[0].pid, streams: Array(streams.prefix(count)), metadataPID: Self.metadataPID)
            : programMapSections[count - 1]
        programMap.append(section: section, to: &bytes)
    }

    /// Appends what belongs to the picture of a time ("Timed Metadata for HTTP Live Streaming", Apple).
    ///
    /// - Parameters:
    ///   - id3Tag: less than 64 kB.
    ///   - presentationTime: 90 kHz.
    public mutating func appendMetadata(id3Tag: [UInt8], presentationTime: Int64, to bytes: inout [UInt8]) {
        scratch.removeAll(keepingCapacity: true)
        PESPacket.appendHeader(
            streamID: Self.privateStream1, presentationTime: presentationTime, decodeTime: presentationTime,
            to: &scratch)
        scratch.append(contentsOf: id3Tag)
        PESPacket.setLength(of: &scratch)
        metadata.append(pes: scratch, adaptation: nil, to: &bytes)
    }

    /// stream_id (Table 2-22).
    private static let privateStream1: UInt8 = 0xBD

    /// Appends one access unit as one PES packet, whose payload `appendPayload` writes.
    mutating func appendAccessUnit(
        streamIndex: Int,
        presentationTime: Int64,
        decodeTime: Int64,
        isRandomAccess: Bool,
        to bytes: inout [UInt8],
        appendPayload: (inout [UInt8]) -> Void
    ) {
        scratch.removeAll(keepingCapacity: true)
        PESPacket.appendHeader(
            streamID: streams[streamIndex].streamID,
            presentationTime: presentationTime,
            decodeTime: decodeTime,
            to: &scratch
        )
        appendPayload(&scratch)
        PESPacket.setLength(of: &scratch)
        let clock = streamIndex == 0 ? decodeTime &- Self.clockDelay : nil
        let adaptation = TSPacketWriter.Adaptation(isRandomAccess: isRandomAccess, clockReference: clock)
        writers[streamIndex].append(
            pes: scratch,
            adaptation: clock != nil || isRandomAccess ? adaptation : nil,
            to: &bytes
        )
    }
}
