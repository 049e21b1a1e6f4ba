import Testing

@testable import MediaServer

@Suite struct ReaderFlowTests {
    @Test func beginsAtARandomAccessPoint() {
        var flow = ReaderFlow(hasRandomAccess: true)
        #expect(flow.admit(isRandomAccess: false, isCongested: false) == false)
        #expect(flow.admit(isRandomAccess: true, isCongested: false) == true)
        #expect(flow.admit(isRandomAccess: false, isCongested: false) == true)
        #expect(flow.droppedUnitCount == 0)
    }

    @Test func whoIsTooSlowGoesOnAtTheNextRandomAccessPoint() {
        var flow = ReaderFlow(hasRandomAccess: true)
        #expect(flow.admit(isRandomAccess: true, isCongested: false) == true)
        #expect(flow.admit(isRandomAccess: false, isCongested: true) == false)
        // It has caught up, but this unit refers to one that it did not get.
        #expect(flow.admit(isRandomAccess: false, isCongested: false) == false)
        #expect(flow.admit(isRandomAccess: true, isCongested: true) == false)
        #expect(flow.admit(isRandomAccess: false, isCongested: false) == false)
        #expect(flow.admit(isRandomAccess: true, isCongested: false) == true)
        #expect(flow.droppedUnitCount == 4)
    }

    @Test func withoutRandomAccessEveryPacketIsAStart() {
        var flow = ReaderFlow(hasRandomAccess: false)
        #expect(flow.admit(isRandomAccess: false, isCongested: false) == true)
        #expect(flow.admit(isRandomAccess: false, isCongested: true) == false)
        #expect(flow.admit(isRandomAccess: false, isCongested: false) == true)
        #expect(flow.droppedUnitCount == 1)
    }
}
