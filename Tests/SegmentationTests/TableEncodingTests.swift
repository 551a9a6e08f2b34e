import Foundation
import Learning
import MathKernels
import Segmentation
import Testing

struct TableEncodingTests {
  private func table(_ columns: [CustomerTable.Column]) throws -> CustomerTable {
    try CustomerTable(ids: (0..<columns[0].values.count).map { "c\($0)" }, columns: columns)
  }

  private func encode(_ values: [Double], _ configuration: TableEncoding.Configuration) throws -> [Double] {
    let table = try table([.init(name: "x", .numbers(values))])
    return try TableEncoding(configuration).fit(table).encode(table).elements
  }

  @Test func standardScaleHasMeanZeroAndDeviationOne() throws {
    let points = try encode([1, 2, 3, 4, 10], .init(winsorizedShare: 0))
    #expect(abs(Statistics.mean(points)) < 1e-12)
    #expect(abs(Statistics.variance(points, degreesOfFreedomLost: 0) - 1) < 1e-12)
  }

  @Test func otherScalesAreThoseOfTheirNames() throws {
    #expect(try encode([0, 5, 10], .init(scale: .minMax, winsorizedShare: 0)) == [0, 0.5, 1])
    #expect(try encode([0, 5, 10], .init(scale: .none, winsorizedShare: 0)) == [0, 5, 10])
    let robust = try encode(
      [0, 1, 2, 3, 1000], .init(scale: .robust, logAboveSkewness: .infinity, winsorizedShare: 0))
    #expect(robust[2] == 0 && abs(robust[3] - 1.349 / 2) < 1e-12)
  }

  @Test func gapsBecomeTheMedianAndOutliersArePulledIn() throws {
    let points = try encode(
      [.nan] + (0..<200).map(Double.init) + [1e9],
      .init(scale: .none, logAboveSkewness: .infinity, winsorizedShare: 0.01))
    #expect(points[0] == 100 && points[1] == 2 && points[201] == 198)
  }

  @Test func skewedColumnsAreTakenAsLogarithms() throws {
    let values = (0..<100).map { $0 == 99 ? 1e6 : Double($0 % 4) }
    let points = try encode(values, .init(scale: .none, winsorizedShare: 0))
    #expect(points[1] == log1p(1) && points[99] == log1p(1e6))
  }

  @Test func categoriesVaryTogetherAsMuchAsOneColumn() throws {
    let values = (0..<90).map { ["a", "b", "c", "c", ""][$0 % 5] }
    let table = try table([.init(name: "k", .categories(values))])
    let model = try TableEncoding().fit(table)
    let points = try model.encode(table)
    #expect(model.columns.map(\.title) == ["k=c", "k=a", "k=b"])
    let variance = (0..<3).reduce(0.0) { sum, column in
      sum + Statistics.variance((0..<90).map { points[$0, column] }, degreesOfFreedomLost: 0)
    }
    #expect(abs(variance - 1) < 1e-9)
  }

  @Test func constantColumnsAreLeftOutAndNamed() throws {
    let table = try table([
      .init(name: "x", .numbers([1, 2])), .init(name: "y", .numbers([3, 3])),
      .init(name: "z", .numbers([.nan, .nan])), .init(name: "k", .categories(["a", "a"])),
    ])
    #expect(try TableEncoding().fit(table).constantColumns == ["y", "z", "k"])
    let constant = try self.table([.init(name: "y", .numbers([3, 3]))])
    #expect(throws: SegmentationError.self) { try TableEncoding().fit(constant) }
  }

  @Test func whatDoesNotFitIsNamed() throws {
    #expect(throws: SegmentationError.self) {
      try CustomerTable(ids: ["a"], columns: [.init(name: "x", .numbers([1, 2]))])
    }
    let numbers = try table([.init(name: "x", .numbers([1, 2]))])
    let model = try TableEncoding().fit(numbers)
    #expect(throws: SegmentationError.self) {
      try model.encode(try table([.init(name: "x", .categories(["a", "b"]))]))
    }
    #expect(throws: SegmentationError.self) {
      try model.encode(try table([.init(name: "w", .numbers([1, 2]))]))
    }
    #expect(throws: SegmentationError.self) { try encode([1, .infinity], .init()) }
    #expect(throws: SegmentationError.self) { try encode([1, 2], .init(winsorizedShare: 0.5)) }
  }
}
