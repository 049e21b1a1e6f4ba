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
}
