import StreamProtocols
import Testing

@Suite struct RTSPHeadersTests {
    @Test func namesHaveNoCase() {
        var headers: RTSPHeaders = ["CSeq": "1"]
        #expect(headers["cseq"] == "1")
        headers["CSEQ"] = "2"
        #expect(headers.fields == [.init(name: "CSEQ", value: "2")])
    }

    @Test func setsInPlaceAndKeepsTheOrder() {
        var headers: RTSPHeaders = ["A": "1", "B": "2", "a": "3", "C": "4"]
        #expect(headers.all("A") == ["1", "3"])
        headers["A"] = "5"
        #expect(headers.fields.map(\.name) == ["A", "B", "C"])
        headers["B"] = nil
        #expect(headers.fields.map(\.value) == ["5", "4"])
        headers["D"] = "6"
        headers.add("D", "7")
        #expect(headers.all("d") == ["6", "7"])
    }
}
