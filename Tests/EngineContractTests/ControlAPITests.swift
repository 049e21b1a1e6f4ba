import EngineContract
import Foundation
import Testing

@Suite("Control API bodies")
struct ControlAPITests {
    @Test(
        "paths of every version are read (mediamtx-facts E.4)",
        arguments: [
            #"{"name":"a","confName":"a","source":null,"ready":true,"readyTime":null,"tracks":["H264"],"bytesReceived":1,"bytesSent":2,"readers":[{"type":"hlsMuxer","id":""}]}"#,
            #"{"name":"a","confName":"a","available":true,"online":true,"tracks":[],"tracks2":[],"inboundBytes":1,"readers":[{"type":"hlsSession","id":"x"}]}"#,
        ])
    func versions(json: String) throws {
        let path = try JSONDecoder().decode(ControlAPI.Path.self, from: Data(json.utf8))
        #expect(path.isAvailable && path.readers.count == 1)
    }

    @Test("lists are paged from 0, and a page beyond the end is empty")
    func paging() {
        let all = (0..<250).map { ControlAPI.Endpoint(type: "t", id: String($0)) }
        let last = ControlAPI.Page(of: all, page: 2, itemsPerPage: 100)
        #expect(last.itemCount == 250 && last.pageCount == 3 && last.items.count == 50 && last.items.first?.id == "200")
        #expect(ControlAPI.Page(of: all, page: 9, itemsPerPage: 100).items.isEmpty)
        #expect(ControlAPI.Page(of: all, page: Int.max, itemsPerPage: 100).items.count <= 100)
        #expect(ControlAPI.Page(of: all, page: -5, itemsPerPage: 0).items.count == 1)
    }
}
