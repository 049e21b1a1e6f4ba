import StreamModel

/// What the form of Home Assistant's integration "Generic Camera" is filled in with.
///
/// Its forms differ between versions: at first all fields stood side by side, later some of them in a section `advanced`. So
/// what a form asks for is answered by name, and nothing else is sent: it would be refused.
struct GenericCameraForm: Hashable, Sendable {
    /// An RTSP address without credentials.
    var streamSource: String
    /// The address of a still; nil lets Home Assistant take stills from the stream.
    var still: String?
    /// For both addresses.
    var credentials: ReadCredentials?
    /// Whether the certificate of the still's server is to be one that Home Assistant trusts.
    var verifiesCertificate = true

    /// Sections are not nested deeper than this.
    private static let maximumDepth = 3

    /// By the names of the fields (`homeassistant/components/generic/config_flow.py`).
    private var values: [String: JSONValue] {
        var values: [String: JSONValue] = [
            "stream_source": .string(streamSource), "rtsp_transport": "tcp", "authentication": "basic",
            // Stills a second at most.
            "framerate": 2,
            "verify_ssl": .bool(verifiesCertificate), "limit_refetch_to_url_change": false,
            // The second form shows what the first one led to.
            "confirmed_ok": true,
        ]
        values["still_image_url"] = still.map(JSONValue.string)
        values["username"] = (credentials?.username).map(JSONValue.string)
        values["password"] = (credentials?.password.exposed).map(JSONValue.string)
        return values
    }

    /// The answer to a form.
    ///
    /// - Parameter schema: a list of fields as the package `voluptuous-serialize` writes them.
    /// - Throws: ``CameraFlowProblem/unknownField(_:)`` for one that has to be filled in, and that we don't know.
    func answer(to schema: JSONValue) throws(CameraFlowProblem) -> JSONValue {
        .object(try members(schema, depth: 1))
    }

    private func members(_ schema: JSONValue, depth: Int) throws(CameraFlowProblem) -> [String: JSONValue] {
        guard let fields = schema.arrayValue, depth <= Self.maximumDepth else { throw .unexpected }
        let values = values
        var result: [String: JSONValue] = [:]
        for field in fields {
            guard let name = field["name"]?.stringValue else { throw .unexpected }
            if field["type"] == "expandable" {
                result[name] = .object(try members(field["schema"] ?? .null, depth: depth + 1))
            } else if let value = values[name] {
                result[name] = value
            } else if field["required"] == true, field["default"] == nil {
                throw .unknownField(name)
            }
        }
        return result
    }
}
