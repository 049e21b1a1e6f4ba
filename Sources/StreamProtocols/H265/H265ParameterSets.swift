/// The parameter sets without which an H.265 stream can't be decoded.
public struct H265ParameterSets: Sendable, Equatable {
    /// The video parameter set: a NAL unit (type 32) without start code.
    public var vps: [UInt8]
    /// The sequence parameter set: a NAL unit (type 33) without start code.
    public var sps: [UInt8]
    /// The picture parameter set: a NAL unit (type 34) without start code.
    public var pps: [UInt8]
    /// Further picture parameter sets; few encoders have any.
    public var additionalPPS: [[UInt8]]

    public init(vps: [UInt8], sps: [UInt8], pps: [UInt8], additionalPPS: [[UInt8]] = []) {
        self.vps = vps
        self.sps = sps
        self.pps = pps
        self.additionalPPS = additionalPPS
    }
}

extension H265ParameterSets {
    /// More bytes than any real parameter set; the hvcC record can't hold more than 65 535.
    static let maxParameterSetSize = 65_535
    /// `pps_pic_parameter_set_id` is 0…63 (ITU-T H.265 §7.4.3.3.1).
    static let maxPPSCount = 64

    /// The parameter sets among the NAL units of an access unit; nil unless all three kinds are there.
    public init?(nalUnits: some Sequence<ArraySlice<UInt8>>) {
        var vps: [UInt8]?
        var sps: [UInt8]?
        var pictureSets: [[UInt8]] = []
        for nalUnit in nalUnits where nalUnit.count <= Self.maxParameterSetSize {
            switch H265NALType(of: nalUnit) {
            case .vps: vps = [UInt8](nalUnit)
            case .sps: sps = [UInt8](nalUnit)
            case .pps where pictureSets.count < Self.maxPPSCount: pictureSets.append([UInt8](nalUnit))
            default: break
            }
        }
        guard let vps, let sps, let pps = pictureSets.first else { return nil }
        self.init(vps: vps, sps: sps, pps: pps, additionalPPS: [[UInt8]](pictureSets.dropFirst()))
    }

    /// All sets in the order that a decoder wants them: VPS, SPS, then PPS.
    public var nalUnits: [[UInt8]] { [vps, sps, pps] + additionalPPS }
}
