/// The issues that the readers of one document collect.
public final class IssueList {
    /// How many are told: whoever sends a million unknown members needs no list of them.
    public static let limit = 100

    public private(set) var issues: [ValidationIssue] = []

    public init() {}

    public func add(_ issue: ValidationIssue) {
        if issues.count < Self.limit { issues.append(issue) }
    }

    /// - Throws: ``ValidationError`` when anything was recorded.
    public func throwIfAny() throws(ValidationError) {
        if !issues.isEmpty { throw ValidationError(issues) }
    }
}

/// Reads the members of a JSON object, records what is wrong, and goes on with the default, so that one pass names all.
///
/// Kinds and messages are those that the reference's clients already know. Like the reference it takes a number or a
/// truth value that was written as a string.
public final class ObjectReader {
    public let members: [String: JSONValue]
    public let location: [LocationComponent]
    private let issues: IssueList
    private var known: Set<String> = []
    /// What is no object is one issue; that its members are missing goes without saying.
    private let isObject: Bool
    /// Notes what is asked for, when nothing is read but a shape.
    private let recorder: ShapeRecorder?

    public init(_ value: JSONValue, at location: [LocationComponent], issues: IssueList) {
        self.location = location
        self.issues = issues
        recorder = nil
        if let members = value.objectValue {
            self.members = members
            isObject = true
        } else {
            self.members = [:]
            isObject = false
            issues.add(
                ValidationIssue(
                    type: "model_attributes_type", location: location,
                    message: CodedMessage(
                        "field_no_object", "Input should be a valid dictionary or object to extract fields from"),
                    input: value))
        }
    }

    /// Reads an object that has no members, for the shape that it would have.
    init(recording recorder: ShapeRecorder) {
        self.recorder = recorder
        members = [:]
        location = []
        issues = IssueList()
        isObject = true
    }

    private func note(
        _ name: String, _ kind: @autoclosure () -> ObjectShape.Member.Kind, isRequired: Bool = false,
        isNullable: Bool = false, isReadOnly: Bool = false
    ) {
        guard let recorder else { return }
        recorder.note(
            name,
            ObjectShape.Member(
                kind: kind(), isRequired: isRequired, isNullable: isNullable, isReadOnly: isReadOnly))
    }

    /// Whether the member was sent, be it as null.
    public func has(_ name: String) -> Bool { members[name] != nil }

    /// Records an issue about a member, or about the whole object.
    public func report(_ message: CodedMessage, at name: String? = nil, type: String = "value_error") {
        add(type, message, name, name.flatMap { members[$0] } ?? .null)
    }

    private func add(_ type: String, _ message: CodedMessage, _ name: String?, _ input: JSONValue) {
        let place = name.map { location + [.member($0)] } ?? location
        issues.add(ValidationIssue(type: type, location: place, message: message, input: input))
    }

    private func reportMissing(_ name: String) {
        if isObject { add("missing", .missingField, name, .object(members)) }
    }

    private func take(_ name: String) -> JSONValue? {
        known.insert(name)
        return members[name]
    }

    private func takePresent(_ name: String) -> JSONValue? {
        guard let value = take(name), value != .null else { return nil }
        return value
    }

    // MARK: Scalars

    public func requiredString(_ name: String) -> String {
        note(name, .string, isRequired: true)
        guard let value = take(name) else {
            reportMissing(name)
            return ""
        }
        return string(value, name) ?? ""
    }

    public func string(_ name: String, default fallback: String) -> String {
        note(name, .string)
        return take(name).flatMap { string($0, name) } ?? fallback
    }

    public func optionalString(_ name: String) -> String? {
        note(name, .string, isNullable: true)
        return takePresent(name).flatMap { string($0, name) }
    }

    /// A password or token, which no answer shows.
    public func optionalSecret(_ name: String) -> Secret? {
        note(name, .secret, isNullable: true)
        return takePresent(name).flatMap { string($0, name) }.map(Secret.init)
    }

    private func string(_ value: JSONValue, _ name: String) -> String? {
        if let text = value.stringValue { return text }
        add("string_type", .noText, name, value)
        return nil
    }

    public func bool(_ name: String, default fallback: Bool) -> Bool {
        note(name, .boolean)
        return take(name).flatMap { bool($0, name) } ?? fallback
    }

    public func optionalBool(_ name: String) -> Bool? {
        note(name, .boolean, isNullable: true)
        return takePresent(name).flatMap { bool($0, name) }
    }

    public func requiredBool(_ name: String) -> Bool {
        note(name, .boolean, isRequired: true)
        guard let value = take(name) else {
            reportMissing(name)
            return false
        }
        return bool(value, name) ?? false
    }

    /// A truth value that answers tell, and that a request may send back: it changes nothing.
    public func ignoreBool(_ name: String) {
        note(name, .boolean, isReadOnly: true)
        if let value = takePresent(name) { _ = bool(value, name) }
    }

    private func bool(_ value: JSONValue, _ name: String) -> Bool? {
        switch value {
        case .bool(let truth): return truth
        case .string(let text) where ["true", "1", "yes", "on"].contains(text.lowercased()): return true
        case .string(let text) where ["false", "0", "no", "off"].contains(text.lowercased()): return false
        case .integer(1): return true
        case .integer(0): return false
        case .null, .integer, .number, .string, .array, .object:
            add("bool_type", CodedMessage("field_no_boolean", "Input should be a valid boolean"), name, value)
            return nil
        }
    }

    public func integer(_ name: String, in range: ClosedRange<Int> = .min ... .max, default fallback: Int) -> Int {
        note(name, .integer(range))
        return take(name).flatMap { integer($0, name, range) } ?? fallback
    }

    public func optionalInteger(_ name: String, in range: ClosedRange<Int> = .min ... .max) -> Int? {
        note(name, .integer(range), isNullable: true)
        return takePresent(name).flatMap { integer($0, name, range) }
    }

    public func requiredInteger(_ name: String, in range: ClosedRange<Int>) -> Int {
        note(name, .integer(range), isRequired: true)
        guard let value = take(name) else {
            reportMissing(name)
            return range.lowerBound
        }
        return integer(value, name, range) ?? range.lowerBound
    }

    private func integer(_ value: JSONValue, _ name: String, _ range: ClosedRange<Int>) -> Int? {
        guard let number = value.integerValue ?? value.stringValue.flatMap({ Int($0) }) else {
            if value.doubleValue != nil {
                add(
                    "int_from_float",
                    CodedMessage(
                        "field_no_integer", "Input should be a valid integer, got a number with a fractional part"),
                    name, value)
            } else {
                add("int_type", CodedMessage("field_no_integer", "Input should be a valid integer"), name, value)
            }
            return nil
        }
        if number < range.lowerBound {
            add("greater_than_equal", .tooSmall(range.lowerBound.description), name, value)
            return nil
        }
        if number > range.upperBound {
            add("less_than_equal", .tooLarge(range.upperBound.description), name, value)
            return nil
        }
        return number
    }

    /// A number within `range`; with `excludingLowerBound` the lower bound itself is refused, as in (0, 1].
    public func optionalNumber(
        _ name: String, in range: ClosedRange<Double>, excludingLowerBound: Bool = false
    ) -> Double? {
        note(name, .number(range), isNullable: true)
        guard let value = takePresent(name) else { return nil }
        guard let number = value.doubleValue ?? value.stringValue.flatMap({ Double($0) }), number.isFinite else {
            add("float_type", CodedMessage("field_no_number", "Input should be a valid number"), name, value)
            return nil
        }
        if number < range.lowerBound || (excludingLowerBound && number == range.lowerBound) {
            let bound = range.lowerBound.description
            if excludingLowerBound {
                add("greater_than", .notAbove(bound), name, value)
            } else {
                add("greater_than_equal", .tooSmall(bound), name, value)
            }
            return nil
        }
        if number > range.upperBound {
            add("less_than_equal", .tooLarge(range.upperBound.description), name, value)
            return nil
        }
        return number
    }

    /// One of the values of a string enumeration.
    public func choice<Choice>(_ name: String, default fallback: Choice) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        note(name, .choice(Choice.allCases.map(\.rawValue)))
        return take(name).flatMap { choice($0, name) } ?? fallback
    }

    /// One of the values of a string enumeration, or nil when it was not sent or is null.
    public func optionalChoice<Choice>(_ name: String) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        note(name, .choice(Choice.allCases.map(\.rawValue)), isNullable: true)
        return takePresent(name).flatMap { choice($0, name) }
    }

    /// Records an issue when the member was sent and is none of the values of a string enumeration.
    public func check<Choice>(_ name: String, isOneOf choices: Choice.Type)
    where Choice: RawRepresentable<String> & CaseIterable {
        let _: Choice? = optionalChoice(name)
    }

    /// One of the values of a string enumeration that has to be given.
    public func requiredChoice<Choice>(_ name: String, fallback: Choice) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        note(name, .choice(Choice.allCases.map(\.rawValue)), isRequired: true)
        guard let value = take(name) else {
            reportMissing(name)
            return fallback
        }
        return choice(value, name) ?? fallback
    }

    private func choice<Choice>(_ value: JSONValue, _ name: String) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        if let found = value.stringValue.flatMap(Choice.init(rawValue:)) { return found }
        add("literal_error", .notOneOf(Choice.allCases.map(\.rawValue)), name, value)
        return nil
    }

    // MARK: Ids and names

    /// An id; nil when none was sent. It stands in URLs, in logs and in the keys of answers.
    func optionalID() -> String? {
        guard let id = optionalString("id") else { return nil }
        if id.isEmpty { report(CodedMessage("id_empty", "An id has at least one character."), at: "id") }
        if id.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            report(CodedMessage("id_characters", "An id has no control characters."), at: "id")
        }
        checkLength(of: id, at: "id") {
            CodedMessage("id_too_long", "An id has at most \($0) characters.", ["maximum": .integer($0)])
        }
        return id
    }

    /// Checks a name that people gave something.
    func checkName(_ text: String) {
        checkLength(of: text, at: "name") {
            CodedMessage("name_too_long", "A name has at most \($0) characters.", ["maximum": .integer($0)])
        }
    }

    private func checkLength(of text: String, at name: String, _ message: (Int) -> CodedMessage) {
        let limit = 256
        guard text.unicodeScalars.count > limit else { return }
        // Not with the text itself, which is as long as it is.
        issues.add(
            ValidationIssue(
                type: "string_too_long", location: location + [.member(name)],
                message: message(limit), input: .null))
    }

    // MARK: Structures

    /// A nested object, or nil when it was not sent or is null.
    public func optionalObject(_ name: String) -> ObjectReader? {
        if let recorder {
            note(name, .object(ObjectShape { _ in }), isNullable: true)
            return recorder.reader(of: name)
        }
        return takePresent(name).map { ObjectReader($0, at: location + [.member(name)], issues: issues) }
    }

    /// A reader of another object whose issues are reported as those of a member.
    func nested(_ members: [String: JSONValue], at name: String) -> ObjectReader {
        ObjectReader(.object(members), at: location + [.member(name)], issues: issues)
    }

    /// Readers of the objects of a list; an omitted list is empty, and one that is too long too.
    public func objects(_ name: String, limit: Int = .max) -> [ObjectReader] {
        if let recorder {
            note(name, .objects(ObjectShape { _ in }))
            return [recorder.reader(of: name)]
        }
        let elements = list(name)
        guard elements.count <= limit else {
            // Not with the list itself, which is as long as it is.
            issues.add(
                ValidationIssue(
                    type: "too_long", location: location + [.member(name)],
                    message: CodedMessage(
                        "list_too_long", "List should have at most \(limit) items, not \(elements.count)",
                        ["maximum": .integer(limit), "number": .integer(elements.count)]), input: .null))
            return []
        }
        return elements.enumerated().map { index, value in
            ObjectReader(value, at: location + [.member(name), .element(index)], issues: issues)
        }
    }

    /// The strings of a list, or of one text with commas; an omitted or null list is nil.
    public func optionalStrings(_ name: String) -> [String]? {
        note(name, .strings, isNullable: true)
        guard let value = takePresent(name) else { return nil }
        if let text = value.stringValue {
            return text.split(whereSeparator: { $0 == "," || $0.isNewline }).map { $0.trimmed }
        }
        return list(name).enumerated().compactMap { index, element in
            if let text = element.stringValue { return text }
            issues.add(
                ValidationIssue(
                    type: "string_type", location: location + [.member(name), .element(index)],
                    message: .noText, input: element))
            return nil
        }
    }

    private func list(_ name: String) -> [JSONValue] {
        guard let value = take(name) else { return [] }
        if let elements = value.arrayValue { return elements }
        add("list_type", CodedMessage("field_no_list", "Input should be a valid list"), name, value)
        return []
    }

    /// Any value.
    public func value(_ name: String) -> JSONValue? {
        note(name, .any)
        return take(name)
    }

    // MARK: Unknown members

    /// The members that nobody asked for: kept by objects that carry unknown fields along.
    public var unknownMembers: [String: JSONValue] { members.filter { !known.contains($0.key) } }

    /// Records every member that nobody asked for as refused.
    public func forbidUnknownMembers() {
        recorder?.noteOthersAreRefused()
        for (name, value) in unknownMembers.sorted(by: { $0.key < $1.key }) {
            add("extra_forbidden", .unknownField, name, value)
        }
    }
}

extension StringProtocol {
    /// The text without white space at both ends.
    package var trimmed: String {
        let start = firstIndex(where: { !$0.isWhitespace }) ?? endIndex
        let end = lastIndex(where: { !$0.isWhitespace }).map(index(after:)) ?? start
        return String(self[start..<end])
    }
}
