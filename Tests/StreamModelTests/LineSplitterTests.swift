import StreamModel
import Testing

@Suite struct LineSplitterTests {
    @Test func linesComeHoweverTheBytesAreCut() {
        let text = [UInt8]("one\ntwo\n\nthree\n".utf8)
        let expected: [LineSplitter.Line] = ["one", "two", "three"].map { .complete([UInt8]($0.utf8)) }
        for size in 1...text.count {
            var splitter = LineSplitter(byteLimit: 100)
            var lines: [LineSplitter.Line] = []
            var rest = text[...]
            while !rest.isEmpty {
                lines += splitter.append(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            #expect(lines == expected, "in pieces of \(size)")
        }
    }

    @Test func aLineThatIsTooLongIsSkipped() {
        var splitter = LineSplitter(byteLimit: 4)
        #expect(splitter.append([UInt8]("12345".utf8)).isEmpty)
        #expect(
            splitter.append([UInt8]("6789\nab\n1234\n".utf8)) == [
                .tooLong, .complete([97, 98]), .complete([49, 50, 51, 52]),
            ])
    }
}
