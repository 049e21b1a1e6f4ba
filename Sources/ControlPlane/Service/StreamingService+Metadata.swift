import StreamModel

/// The body of `POST /transmissions/{id}/metadata`.
public enum MetadataPost {
    /// Bytes of the object, without white space, at most: those that a picture carries.
    public static let byteLimit = 16 << 10
    /// Bytes of the body at most.
    public static let bodyLimit = 64 << 10

    /// The text of the object, on one line.
    ///
    /// - Throws: ``ValidationError`` for what is no object, or too long.
    static func text(of body: JSONValue) throws(ValidationError) -> String {
        let issues = IssueList()
        _ = ObjectReader(body, at: ["body"], issues: issues)
        try issues.throwIfAny()
        let bytes = body.data
        guard bytes.count <= byteLimit else {
            throw ValidationError(
                CodedMessage(
                    "metadata_too_long", "A picture carries \(byteLimit) bytes at most, not \(bytes.count).",
                    ["maximum": .integer(byteLimit), "number": .integer(bytes.count)]), at: ["body"], type: "too_long")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension StreamingService {
    /// Gives the next picture that comes into a transmission JSON to travel with, in place of what waits for that.
    ///
    /// - Parameter body: an object.
    /// - Returns: whether anybody watches an output that carries it; if not, it is forgotten.
    /// - Throws: 404; 409 where no output carries any; 422 for what is no object, or too long.
    public func postMetadata(transmissionID: String, _ body: JSONValue) async throws(ControlPlaneError) -> Bool {
        let transmission = try await transmission(id: transmissionID)
        let json: String
        do throws(ValidationError) { json = try MetadataPost.text(of: body) } catch { throw .invalid(error) }
        guard transmission.enabled else {
            throw .conflict(CodedMessage("transmission_off", "This transmission is switched off. Switch it on first."))
        }
        let paths = transmission.metadataPaths
        guard !paths.isEmpty else {
            throw .conflict(
                CodedMessage(
                    "metadata_off", "No output of this transmission carries metadata. Switch metadata on for one first."
                ))
        }
        return await workers.postMetadata(json, to: transmissionID, seenOn: paths)
    }
}
