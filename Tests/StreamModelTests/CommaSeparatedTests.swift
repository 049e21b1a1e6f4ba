import StreamModel
import Testing

@Suite struct CommaSeparatedTests {
    @Test(arguments: [
        ("", []), (" , ,", []), ("a", ["a"]), (" a, b c ,,d\n", ["a", "b c", "d"]),
    ])
    func itemsAreTrimmedAndBlankOnesLeftOut(_ text: String, _ items: [String]) {
        #expect(text.commaSeparated == items)
    }
}
