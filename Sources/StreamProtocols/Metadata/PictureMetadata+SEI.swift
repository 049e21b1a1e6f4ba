/// How metadata stands in a picture: as user data (`user_data_unregistered`, ITU-T H.264 §D.1.7, H.265 §D.2.7), in a unit of
/// supplemental enhancement information of its own.
extension PictureMetadata {
    /// `uuid_iso_iec_11578` of our user data: 9a5d3f27-6c41-4e8b-b2f6-71d8c4a93e15.
    public static let uuid: [UInt8] = [
        0x9A, 0x5D, 0x3F, 0x27, 0x6C, 0x41, 0x4E, 0x8B, 0xB2, 0xF6, 0x71, 0xD8, 0xC4, 0xA9, 0x3E, 0x15,
    ]

    /// `payloadType` of user data.
    private static let payloadType: UInt8 = 5

    /// The metadata of a NAL unit; nil when it carries none.
    public init?(nalUnit: ArraySlice<UInt8>, codec: VideoCodec) {
        guard let content = Self.content(of: nalUnit, codec: codec) else { return nil }
        self.init(json: content)
    }

    /// The metadata of a picture; nil when it has none.
    public init?(nalUnits: some Sequence<ArraySlice<UInt8>>, codec: VideoCodec) {
        for nalUnit in nalUnits {
            guard let metadata = PictureMetadata(nalUnit: nalUnit, codec: codec) else { continue }
            self = metadata
            return
        }
        return nil
    }

    /// Whether a NAL unit is one of those that carry metadata, be it readable or not.
    public static func isCarried(by nalUnit: ArraySlice<UInt8>, codec: VideoCodec) -> Bool {
        content(of: nalUnit, codec: codec) != nil
    }

    /// The NAL unit that carries it.
    public func nalUnit(_ codec: VideoCodec) -> [UInt8] {
        let header: [UInt8] =
            switch codec {
            case .h264: [H264NALType.sei.rawValue]
            // The layer 0 and the temporal id 1 (H.265 §7.3.1.2).
            case .h265: [Self.prefixSEIType << 1, 1]
            }
        var nalUnit: [UInt8] = []
        nalUnit.reserveCapacity(header.count + json.count + json.count / 255 + Self.uuid.count + 4)
        nalUnit += header
        nalUnit.append(Self.payloadType)
        // H.264 §7.3.2.3.1: bytes of 255 are added up with the first that is less.
        var byteCount = Self.uuid.count + json.count
        while byteCount >= 255 {
            nalUnit.append(255)
            byteCount -= 255
        }
        nalUnit.append(UInt8(truncatingIfNeeded: byteCount))
        nalUnit += Self.uuid
        nalUnit += json
        // rbsp_trailing_bits
        nalUnit.append(0x80)
        return nalUnit
    }

    private static let prefixSEIType: UInt8 = 39

    /// What stands behind the UUID; nil in a unit whose first message is none of ours.
    private static func content(of nalUnit: ArraySlice<UInt8>, codec: VideoCodec) -> ArraySlice<UInt8>? {
        var rest: ArraySlice<UInt8>
        switch codec {
        case .h264:
            guard H264NALType(of: nalUnit) == .sei else { return nil }
            rest = nalUnit.dropFirst()
        case .h265:
            guard H265NALType(of: nalUnit) == .prefixSEI else { return nil }
            rest = nalUnit.dropFirst(H265NALType.headerByteCount)
        }
        guard rest.popFirst() == payloadType else { return nil }
        var byteCount = 0
        while let byte = rest.popFirst() {
            byteCount += Int(byte)
            if byte != 255 { break }
        }
        guard byteCount >= uuid.count, byteCount <= rest.count, rest.starts(with: uuid) else { return nil }
        return rest.prefix(byteCount).dropFirst(uuid.count)
    }
}

extension Sample {
    /// The picture with metadata before its first slice, behind what stands there (H.264 §7.4.1.2.3, H.265 §7.4.2.4.4). Its own units
    /// are not copied. What is no picture stays as it is.
    public func carrying(_ metadata: PictureMetadata, codec: VideoCodec) -> Sample {
        var nalUnits = nalUnits
        guard var place = nalUnits.firstIndex(where: { codec.kind(of: $0).isPicture }) else { return self }
        // A prefix NAL unit belongs to the slice behind it (H.264 §7.4.1.2.3).
        while codec == .h264, place > nalUnits.startIndex, H264NALType(of: nalUnits[place - 1]) == .other(14) {
            place -= 1
        }
        nalUnits.insert(metadata.nalUnit(codec)[...], at: place)
        var sample = self
        sample.payload = .nalUnits(nalUnits)
        return sample
    }
}
