/// A receiver has lost a picture, or has none to begin with, and needs one that needs no other (PLI, RFC 4585 §6.3.1).
public struct RTCPPictureLossIndication: Sendable, Equatable {
    static let format = 1

    /// Who needs it.
    public var ssrc: UInt32
    /// The source of the pictures.
    public var mediaSSRC: UInt32

    public init(ssrc: UInt32, mediaSSRC: UInt32) {
        self.ssrc = ssrc
        self.mediaSSRC = mediaSSRC
    }

    init?(_ reader: inout ByteReader) {
        guard let ssrc = reader.readUInt32(), let mediaSSRC = reader.readUInt32() else { return nil }
        self.init(ssrc: ssrc, mediaSSRC: mediaSSRC)
    }

    func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(ssrc)
        bytes.appendBigEndian(mediaSSRC)
    }
}
