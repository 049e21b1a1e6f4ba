import Testing

@testable import MediaServer

@Suite struct PictureOrderTests {
    private static func order(_ times: [Int64], keyframes: Set<Int> = [0]) -> Bool {
        var order = PictureOrder()
        for (index, time) in times.enumerated() {
            order.take(presentationTime: time * 3600, isKeyframe: keyframes.contains(index))
        }
        return order.isReordered
    }

    @Test func picturesThatComeInAnotherOrderThanTheyAreShownAreSeen() {
        #expect(!Self.order([0, 1, 2, 3, 4]))
        #expect(Self.order([0, 3, 1, 2, 6, 4, 5]))
        #expect(!Self.order([0, 1, 3, 2, 4, 5]), "one step back may be a mistake")
        #expect(!Self.order([0, 100, 2, 3, 4, 5]), "another clock")
        #expect(!Self.order([0, 10, 5, 6, 7, 8, 9, 10]), "a clock that was set back")
    }

    @Test func aWholeGroupInOrderEndsIt() {
        #expect(Self.order([0, 3, 1, 2, 6, 4, 5, 7], keyframes: [0, 7]))
        #expect(!Self.order([0, 3, 1, 2, 6, 4, 5, 7, 8, 9], keyframes: [0, 7, 9]))
    }
}
