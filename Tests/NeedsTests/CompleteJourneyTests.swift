import Commerce
import Features
import Foundation
import Learning
import Needs
import Testing

/// Quality on a year of real grocery shopping, when the data are at hand.
@Suite struct CompleteJourneyTests {
  static let folder = ProcessInfo.processInfo.environment["LODE_CACHE"].map { "\($0)/data/complete-journey" }
  static let isThere =
    folder.map { folder in
      ["transactions.csv", "items.csv"].allSatisfy {
        FileManager.default.fileExists(atPath: "\(folder)/\($0)")
      }
    } ?? false

  @Test(
    .enabled(
      if: isThere, "needs transactions.csv and items.csv in $LODE_CACHE/data/complete-journey"))
  func reachesTheReferenceOnTheLast28Days() async throws {
    let folder = try #require(Self.folder)
    let data = NeedDataset(
      frame: try Self.frame("\(folder)/transactions.csv"),
      catalogue: try Self.catalogue("\(folder)/items.csv"))
    let mined = try await NeedMining().mine(data, context: FitContext())
    let metrics = try #require(mined.evaluation.learned?.metrics)
    #expect(try #require(metrics["ndcg@10"]) >= 0.6489)
    #expect(try #require(metrics["auc"]) >= 0.9051)
    #expect(try #require(metrics["brier"]) <= 0.04864)
    #expect(try #require(metrics["ece"]) <= 0.0053)
    let popularity = try #require(mined.evaluation.table.first?.metrics)
    #expect(abs(try #require(popularity["ndcg@10"]) - 0.5443) < 0.0001)
    #expect(abs(try #require(popularity["auc"]) - 0.8224) < 0.0001)
    #expect(abs(try #require(popularity["brier"]) - 0.06175) < 0.00001)
    #expect(mined.evaluation.customers == 2469 && mined.evaluation.categories == 302)
  }

  // The files have plain fields: customer_id,item_id,order_id,timestamp,quantity,amount,discount,…
  private static func frame(_ path: String) throws -> EventFrame {
    var frame = EventFrame(currency: .usd)
    try lines(path) { fields in
      let time = try #require(Timestamp(rfc3339: fields[3]))
      frame.append(
        EventFrame.Row(
          sequence: Int64(frame.count) + 1, kind: .purchase, customerID: fields[0], sessionID: nil,
          itemID: fields[1],
          orderID: fields[2], timestamp: time, quantity: Double(fields[4]),
          amount: Double(fields[5]).flatMap { Money($0, currency: .usd) }, discount: Double(fields[6]),
          rating: nil))
    }
    return frame
  }

  // item_id,category,department,…; only the categories of the few quoted lines hold commas.
  private static func catalogue(_ path: String) throws -> CatalogueIndex {
    var catalogue = CatalogueIndex()
    try lines(path) { fields in
      catalogue.upsert(
        Item(
          itemID: fields[0], category: fields[1].isEmpty ? nil : fields[1],
          categoryPath: [fields[2], fields[1]]))
    }
    return catalogue
  }

  private static func lines(_ path: String, _ body: ([String]) throws -> Void) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    var isHeader = true
    for line in text.utf8.split(separator: 10) {
      defer { isHeader = false }
      if isHeader { continue }
      var (fields, field, quoted): ([String], [UInt8], Bool) = ([], [], false)
      for byte in line {
        if byte == 34 {
          quoted.toggle()
        } else if byte == 44, !quoted {
          fields.append(String(decoding: field, as: UTF8.self))
          field = []
        } else if byte != 13 {
          field.append(byte)
        }
      }
      fields.append(String(decoding: field, as: UTF8.self))
      try body(fields)
    }
  }
}
