import StreamModel

/// The dialogue by which Home Assistant's integration "Generic Camera" makes a camera, from our side.
struct CameraFlow {
    enum Action: Hashable {
        /// The answer to a form.
        case answer(JSONValue)
        /// The camera is there.
        case done(entryID: String, title: String)
    }

    private(set) var form: GenericCameraForm
    private var formCount = 0

    /// Two in all versions, one more without the still, and some to spare.
    private static let formLimit = 5

    init(_ form: GenericCameraForm) { self.form = form }

    /// - Parameter step: what Home Assistant answered.
    mutating func next(_ step: JSONValue) throws(CameraFlowProblem) -> Action {
        switch step["type"]?.stringValue {
        case "form":
            formCount += 1
            guard formCount <= Self.formLimit else { throw .unexpected }
            try take(step["errors"]?.objectValue ?? [:])
            return .answer(try form.answer(to: step["data_schema"] ?? .null))
        case "create_entry":
            guard let entryID = step["result"]?["entry_id"]?.stringValue, Self.isIdentifier(entryID) else {
                throw .unexpected
            }
            return .done(entryID: entryID, title: step["title"]?.stringValue ?? "")
        case "abort": throw .aborted(Self.code(step["reason"]))
        default: throw .unexpected
        }
    }

    /// Home Assistant can do without the still; anything else that is wrong ends the dialogue.
    private mutating func take(_ errors: [String: JSONValue]) throws(CameraFlowProblem) {
        guard let (field, code) = errors.first(where: { $0.key != "still_image_url" }) ?? errors.first else { return }
        guard field == "still_image_url", form.still != nil else {
            throw .refused(field: field, code: Self.code(code))
        }
        form.still = nil
    }

    /// A code is a name; some versions put a sentence of ffmpeg in its place, which may hold the address.
    private static func code(_ value: JSONValue?) -> String? {
        value?.stringValue.flatMap { isIdentifier($0) ? $0 : nil }
    }

    static func isIdentifier(_ text: String) -> Bool {
        (1...64).contains(text.count)
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }
}

/// Why Home Assistant made no camera. The sentences hold no secret and nothing that Home Assistant wrote but names.
enum CameraFlowProblem: Error, Hashable, CustomStringConvertible {
    /// A field of the form is wrong.
    case refused(field: String, code: String?)
    case aborted(String?)
    /// The form asks for something that we don't know.
    case unknownField(String)
    /// The dialogue is none that we know.
    case unexpected

    private static let byHand =
        "Add the integration Generic Camera in Home Assistant yourself, with the address of the output."

    var description: String { message.text }

    var message: CodedMessage {
        switch self {
        case .refused(_, let code): Self.sentence(code)
        case .aborted("already_configured"), .aborted("already_exists"):
            CodedMessage(
                "home_assistant_camera_exists",
                "Home Assistant has this camera already. Look for it under Devices & services, Generic Camera.")
        case .aborted(let reason):
            CodedMessage(
                "home_assistant_broke_off",
                "Home Assistant broke off\(reason.map { " (\($0))" } ?? ""). \(Self.byHand)",
                ["reason": .string(reason ?? "?")])
        case .unknownField(let name): Self.unknown(CameraFlow.isIdentifier(name) ? name : "…")
        case .unexpected:
            CodedMessage(
                "home_assistant_is_another",
                "Home Assistant answers in a way that this version does not know. \(Self.byHand)")
        }
    }

    private static func unknown(_ field: String) -> CodedMessage {
        CodedMessage(
            "home_assistant_asks_more",
            "Home Assistant asks for '\(field)', which this version does not know. \(byHand)", ["field": .string(field)]
        )
    }

    private static func sentence(_ code: String?) -> CodedMessage {
        switch code {
        case "timeout", "stream_timeout":
            CodedMessage(
                "home_assistant_waited",
                "Home Assistant waited for a picture in vain. See on the Streams page that the stream plays, and try again."
            )
        case "stream_no_route_to_host", "stream_io_error", "stream_file_not_found", "stream_http_not_found":
            CodedMessage(
                "home_assistant_no_way",
                "Home Assistant does not reach the stream. See on the Streams page that it plays, that the add-on's port of "
                    + "RTSP is its usual one, and try again.")
        case "stream_unauthorised", "stream_unauthorized", "stream_not_permitted":
            CodedMessage(
                "home_assistant_not_let_in",
                "Home Assistant was not let in to the stream. Save the user and the password of the output again, and try "
                    + "again.")
        case "stream_no_video":
            CodedMessage(
                "home_assistant_no_video",
                "Home Assistant found no picture in the stream. See on the Streams page that it plays, and try again.")
        case let code:
            CodedMessage(
                "home_assistant_takes_no_stream",
                "Home Assistant does not take the stream\(code.map { " (\($0))" } ?? ""). Its log says more. "
                    + "See on the Streams page that it plays, and try again.", ["reason": .string(code ?? "?")])
        }
    }
}
