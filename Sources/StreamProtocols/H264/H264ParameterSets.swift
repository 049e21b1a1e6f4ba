/// The parameter sets without which an H.264 stream can't be decoded.
public struct H264ParameterSets: Sendable, Equatable {
    /// The sequence parameter set: a NAL unit (type 7) without start code.
    public var sps: [UInt8]
    /// The picture parameter set: a NAL unit (type 8) without start code.
    public var pps: [UInt8]
    /// Further picture parameter sets; few encoders have any.
    public var additionalPPS: [[UInt8]]

    public init(sps: [UInt8], pps: [UInt8], additionalPPS: [[UInt8]] = []) {
        self.sps = sps
        self.pps = pps
        self.additionalPPS = additionalPPS
    }
}

extension H264ParameterSets {
    /// More bytes than any real parameter set; the avcC record can't hold more than 65 535.
    static let maxParameterSetSize = 65_535
    /// The number of picture parameter sets is a `ue(v)` id of 0…255 (ITU-T H.264 §7.4.2.2).
    static let maxPPSCount = 255

    /// The parameter sets among the NAL units of an access unit; nil unless both kinds are there.
    public init?(nalUnits: some Sequence<ArraySlice<UInt8>>) {
        var sps: [UInt8]?
        var pictureSets: [[UInt8]] = []
        for nalUnit in nalUnits where nalUnit.count <= Self.maxParameterSetSize {
            switch H264NALType(of: nalUnit) {
            case .sps: sps = [UInt8](nalUnit)
            case .pps where pictureSets.count < Self.maxPPSCount: pictureSets.append([UInt8](nalUnit))
            default: break
            }
        }
        guard let sps, let pps = pictureSets.first else { return nil }
        self.init(sps: sps, pps: pps, additionalPPS: [[UInt8]](pictureSets.dropFirst()))
    }

    /// Reads `sprop-parameter-sets` (RFC 6184 §8.1): NAL units in base64, separated by commas. nil unless both kinds
    /// are there.
    public init?(spropParameterSets text: String) {
        self.init(nalUnits: SpropNALUnits.decode(text))
    }

    /// All sets in the order that a decoder wants them: SPS first.
    public var nalUnits: [[UInt8]] { [sps, pps] + additionalPPS }

    /// The value of `sprop-parameter-sets` (RFC 6184 §8.1).
    public var spropParameterSets: String { SpropNALUnits.encode(nalUnits) }

    /// The value of `profile-level-id` (RFC 6184 §8.1): profile, constraints and level in hex; nil when the SPS is
    /// shorter than that.
    public var profileLevelID: String? {
        let bytes = sps.dropFirst().prefix(3)
        return bytes.count == 3 ? Hex.uppercase(bytes) : nil
    }

    /// The codec for `CODECS` attributes and `MediaSource` (RFC 6381 §3.3): `avc1.PPCCLL`.
    public var codecString: String? { profileLevelID.map { "avc1.\($0)" } }
}
