/// How frames of AAC lie in RTP payloads.
public enum AACPacking: Sendable, Equatable {
    /// Behind AU-headers with fields of so many bits (RFC 3640 §3.2.1).
    case accessUnitHeaders(sizeLength: Int, indexLength: Int, indexDeltaLength: Int)
    /// In LATM, whose configuration is in the description (RFC 6416 §4, `cpresent=0`).
    case latm

    /// AAC-hbr (RFC 3640 §3.3.6).
    public static var highBitrate: AACPacking {
        .accessUnitHeaders(sizeLength: 13, indexLength: 3, indexDeltaLength: 3)
    }

    /// AAC-lbr (RFC 3640 §3.3.5).
    static var lowBitrate: AACPacking { .accessUnitHeaders(sizeLength: 6, indexLength: 2, indexDeltaLength: 2) }
}

extension AACPacking {
    /// Reads the `fmtp` parameters (RFC 3640 §4.1); nil for sections of the payload that are not known here.
    init?(formatParameters parameters: [String: String]) {
        func length(_ name: String) -> Int? { parameters[name].flatMap { Int($0) } }
        let unknown = [
            "ctsdeltalength", "dtsdeltalength", "randomaccessindication", "streamstateindication",
            "auxiliarydatasizelength", "constantsize",
        ]
        guard unknown.allSatisfy({ (length($0) ?? 0) == 0 }) else { return nil }
        guard let sizeLength = length("sizelength") else {
            // Some senders only name the mode.
            switch parameters["mode"]?.lowercased() {
            case "aac-hbr": self = .highBitrate
            case "aac-lbr": self = .lowBitrate
            default: return nil
            }
            return
        }
        let (indexLength, indexDeltaLength) = (length("indexlength") ?? 0, length("indexdeltalength") ?? 0)
        guard (1...32).contains(sizeLength), (0...32).contains(indexLength), (0...32).contains(indexDeltaLength) else {
            return nil
        }
        self = .accessUnitHeaders(
            sizeLength: sizeLength, indexLength: indexLength, indexDeltaLength: indexDeltaLength)
    }

    /// The `fmtp` value of AAC-hbr (RFC 3640 §4.1); profile-level-id 1, the one that most senders write whatever they send.
    static func highBitrateParameters(_ configuration: AACConfiguration) -> String {
        "streamtype=5; profile-level-id=1; mode=AAC-hbr; sizelength=13; indexlength=3; indexdeltalength=3; "
            + "config=\(Hex.lowercase(configuration.bytes))"
    }
}
