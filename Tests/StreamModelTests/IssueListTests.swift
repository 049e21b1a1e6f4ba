import StreamModel
import Testing

@Suite struct IssueListTests {
    /// The answer to a document that is nothing but mistakes must not be larger than the document.
    @Test func onlyTheFirstOfManyIssuesAreTold() {
        let issues = IssueList()
        let names = (0..<10 * IssueList.limit).map { "unknown\($0)" }
        let document = JSONValue.object(Dictionary(uniqueKeysWithValues: names.map { ($0, .null) }))
        ObjectReader(document, at: [], issues: issues).forbidUnknownMembers()
        #expect(issues.issues.count == IssueList.limit)
        #expect(throws: ValidationError.self) { try issues.throwIfAny() }
    }

    @Test func whatIsLongIsNotRepeated() {
        func input(_ value: JSONValue) -> JSONValue? {
            ValidationIssue(type: "value_error", location: [], message: .freeText("No."), input: value).input
        }
        let short: JSONValue = ["name": "x", "edges": [1, 2.5, nil, ["a": true]]]
        #expect(input(short) == short)
        #expect(input(.array(Array(repeating: 1, count: 2000))) == .null)
        #expect(input(["edges": .array((0..<300).map { ["to": .string("n\($0)")] })]) == .null)
        #expect(input(.string(String(repeating: "x", count: 2000))) == .null)
    }

    @Test func aSentenceAboutWhatIsLongIsCut() throws {
        let host = String(repeating: "é ", count: 50_000)
        let body: JSONValue = ["webrtc_additional_hosts": [.string(host)]]
        let error = #expect(throws: ValidationError.self) { try EngineSettings(json: body) }
        let issue = try #require(error?.issues.first)
        #expect(issue.coded.code == "host_wrong" && issue.message.hasPrefix("'é é"))
        #expect(issue.json.data.count < 4096)
    }

    /// A sentence that a sentence names may name others, and lists.
    @Test func whatASentenceNamesIsCut() {
        let parameters: [String: JSONValue] = [
            "name": "x", "reason": ["code": "a", "text": .string(String(repeating: "x", count: 2000))],
        ]
        let message = CodedMessage("a", "No.", parameters)
        let issue = ValidationIssue(type: "value_error", location: [], message: message, input: .null)
        #expect(issue.coded.parameters == ["name": "x", "reason": .null])
    }

    /// Each end of an edge that leads nowhere is a mistake of its own in one list.
    @Test(.timeLimit(.minutes(1))) func manyMistakesInOneListCostNoMoreThanTheirNumber() {
        let edges = (0..<1024).map { number -> JSONValue in
            ["from": ["node": .string("a\(number)")], "to": ["node": .string("b\(number)")]]
        }
        let body: JSONValue = ["name": "x", "nodes": [], "edges": .array(edges)]
        let error = #expect(throws: ValidationError.self) { try Pipeline(json: body) }
        #expect(error?.issues.count == IssueList.limit)
    }
}
