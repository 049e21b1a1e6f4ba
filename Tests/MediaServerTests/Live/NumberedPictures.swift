import StreamProtocols

/// Pictures of some packets, which end with their number.
struct NumberedPictures {
    private var packetizer: H264Packetizer
    private(set) var count = 0
    var keyframeDistance = 5
    var ssrc: UInt32 { packetizer.numbering.ssrc }

    /// - Parameter isByWebRTC: whether its packets are as short as WebRTC's; whose numbers begin in the lower half.
    init(isByWebRTC: Bool = false) {
        packetizer =
            isByWebRTC
            ? H264Packetizer(numbering: RTPNumbering(sequenceNumber: 1000), maxPayloadSize: RTPPayloadSize.webRTC)
            : H264Packetizer()
    }

    /// The packets of the next picture.
    mutating func packets() -> [RTPPacket] {
        let isKey = count % keyframeDistance == 0
        let slice =
            [isKey ? 0x65 : 0x41, 0x80] + [UInt8](repeating: 0x55, count: 4000) + [UInt8(truncatingIfNeeded: count)]
        // Any pair of parameter sets does.
        let nalUnits: [ArraySlice<UInt8>] = (isKey ? [[0x67, 0x42, 0xC0, 0x0A], [0x68, 0xCE]] : []) + [slice[...]]
        let picture = Sample(nalUnits: nalUnits, presentationTime: Int64(count) * 3600, isRandomAccess: isKey)
        count += 1
        return packetizer.packetize(picture)
    }

    /// The same as they are sent.
    mutating func next() -> [[UInt8]] { packets().map { $0.serialized() } }
}
