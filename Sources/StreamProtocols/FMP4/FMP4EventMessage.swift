/// What belongs to an instant of the presentation, in an event message box of version 1 (ISO/IEC 23009-1 §5.10.3.3). It comes before the
/// fragment that shows the instant.
public struct FMP4EventMessage: Sendable {
    /// The scheme of data that are an ID3 tag ("Carriage of ID3 Timed Metadata in the Common Media Application Format", AOM).
    public static let id3Scheme = "https://aomedia.org/emsg/ID3"
    /// That of data that are the JSON of a picture: the UUID of ``PictureMetadata/uuid`` (RFC 9562 §4).
    public static let jsonScheme = "urn:uuid:9a5d3f27-6c41-4e8b-b2f6-71d8c4a93e15"

    public var scheme: String
    /// Of the instant, in units of `timescale`.
    public var presentationTime: UInt64
    public var timescale: UInt32
    public var data: [UInt8]

    public init(scheme: String, presentationTime: UInt64, timescale: UInt32, data: [UInt8]) {
        self.scheme = scheme
        self.presentationTime = presentationTime
        self.timescale = timescale
        self.data = data
    }

    public func append(to bytes: inout [UInt8]) {
        var writer = ISOBoxWriter()
        writer.fullBox("emsg", version: 1) { emsg in
            emsg.append(timescale)
            emsg.append(presentationTime)
            // event_duration, and an id that differs from those of other events of the scheme: those have other times.
            emsg.append(UInt32(0))
            emsg.append(UInt32(truncatingIfNeeded: presentationTime))
            // scheme_id_uri and value, each with a zero behind it.
            emsg.append(Array(scheme.utf8))
            emsg.appendZeros(2)
            emsg.append(data)
        }
        bytes.append(contentsOf: writer.bytes)
    }
}
