/// NAL units in base64, separated by commas, as `sprop-` parameters have them (RFC 6184 §8.1, RFC 7798 §7.1).
enum SpropNALUnits {
    static func decode(_ text: String) -> [ArraySlice<UInt8>] {
        // Some cameras wrap a unit in a start code; joining and splitting again removes it.
        text.split(at: ",").flatMap { part -> [ArraySlice<UInt8>] in
            guard let bytes = Base64.decode(part.trimmingASCIIWhitespace()) else { return [] }
            return AnnexB.beginsWithStartCode(bytes) ? AnnexB.split(bytes) : [bytes[...]]
        }
    }

    static func encode(_ nalUnits: [[UInt8]]) -> String { nalUnits.map(Base64.encode).joined(separator: ",") }
}
