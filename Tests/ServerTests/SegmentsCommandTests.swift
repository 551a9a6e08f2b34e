import Commerce
import Foundation
import ServerTesting
import Testing

/// The built program on customers of plain files.
@Suite(.enabled(if: ServerProcess.binary != nil, Comment(rawValue: ServerProcess.absence)))
struct SegmentsCommandTests {
  /// 60 customers in three groups: frequent ones of Xi'an, seldom ones of Beijing, and those who spend much a time.
  private static let table: String = {
    var rows = ["customer,orders,spend,city,channel,constant"]
    for index in 0..<60 {
      let wobble = Double(index / 3 % 5) / 10
      rows.append(
        [
          "c\(index),\(20 + wobble),\(5 + wobble),Xi'an,app,1",
          "c\(index),\(2 + wobble),\(5 + wobble),Beijing,web,1",
          "c\(index),\(2 + wobble),\(90 + wobble),Beijing,app,1",
        ][index % 3])
    }
    return rows.joined(separator: "\n") + "\n"
  }()

  private func answer(_ arguments: [String], _ text: String = Self.table) throws -> JSONValue {
    let run = try CommandRun(
      ["segments", "--customers", "c.csv", "--json"] + arguments, files: ["c.csv": text])
    #expect(run.status == 0, "\(run.errors)")
    return try JSONValue(json: Array(run.output.utf8))
  }

  @Test(arguments: ["KMeans", "MiniBatchKMeans", "Ward", "Average", "Complete", "GaussianMixture"])
  func everyAlgorithmFindsTheGroups(algorithm: String) throws {
    let answer = try answer(["--algorithm", algorithm, "--clusters", "3", "--columns", "orders,spend"])
    let customers = try #require(answer["customers"]?.array)
    #expect(customers.count == 60)
    for (index, customer) in customers.enumerated() {
      #expect(customer["segment"] == customers[index % 3]["segment"])
      #expect(customer["x"]?.number != nil && customer["y"]?.number != nil)
      #expect((customer[algorithm == "GaussianMixture" ? "probability" : "distance"]?.number ?? -1) >= 0)
    }
    #expect(answer["segments"]?.array?.compactMap { $0["size"]?.number } == [20, 20, 20])
    #expect((answer["quality"]?["silhouette"]?.number ?? 0) > 0.9)
  }

  @Test func theNumberIsChosenAndSaysWhy() throws {
    let answer = try answer(["--columns", "orders,spend"])
    #expect(answer["choice"]?["clusters"] == 3)
    #expect(answer["choice"]?["reason"]?["zh"]?.string?.contains("3 群") == true)
    #expect(answer["choice"]?["candidates"]?.array?.isEmpty == false)
    #expect((answer["quality"]?["stability"]?.number ?? 0) > 0.9)
  }

  @Test func traitsSayWhatSetsASegmentApart() throws {
    let answer = try answer(["--clusters", "3"])
    let segments = try #require(answer["segments"]?.array)
    let frequent = try #require(
      segments.first { segment in
        segment["traits"]?.array?.contains { $0["column"] == "orders" && ($0["effect"]?.number ?? 0) > 0 }
          == true
      })
    let trait = try #require(
      frequent["traits"]?.array?.first { $0["category"] == "Xi'an" })
    #expect(trait["inside"] == 1 && trait["outside"] == 0 && (trait["q_value"]?.number ?? 1) < 0.001)
    #expect(frequent["name"]?["en"]?.string?.isEmpty == false)
    #expect(answer["constant_columns"] == ["constant"])
  }

  @Test func csvHasALineForEachCustomerAndTheSameSeedTheSameLines() throws {
    let runs = try (0..<2).map { _ in
      try CommandRun(
        ["segments", "--customers", "c.csv", "--clusters", "3", "--language", "zh"],
        files: ["c.csv": Self.table])
    }
    #expect(runs[0].status == 0 && runs[0].output == runs[1].output)
    #expect(runs[0].lines.count == 61 && runs[0].lines[0] == ["id", "segment", "name", "distance"])
    #expect(runs[0].lines[1][0] == "c0" && runs[0].lines[1][2].contains("高"))
  }

  @Test func purchasesAreScoredByRFM() throws {
    var rows = ["customer,time,amount"]
    for customer in 1...10 {
      for purchase in 0..<customer {
        rows.append("c\(customer),2024-0\(1 + purchase % 6)-1\(purchase % 3),10")
      }
      rows.append("c\(customer),2024-0\(customer > 5 ? 7 : 1)-01,\(customer)")
    }
    let run = try CommandRun(
      ["segments", "--customers", "p.csv", "--algorithm", "RFM"],
      files: ["p.csv": rows.joined(separator: "\n")])
    #expect(run.status == 0, "\(run.errors)")
    let last = try #require(run.lines.first { $0[0] == "c10" })
    #expect(last[2] == "Champions" && last[4] == "11" && last[5] == "110" && Array(last[7...]) == ["5", "5"])
  }

  @Test(arguments: [
    (["--customers", "none.csv"], "cannot be read"),
    (["--customers", "empty.csv"], "no customers"),
    (["--customers", "bad.csv", "--columns", "a"], "bad.csv:4: a is 'x'; expected a number"),
    (["--customers", "twice.csv"], "twice.csv:3: id is '1'; expected each customer once"),
    (["--customers", "c.csv", "--columns", "age"], "no column 'age'"),
    (["--customers", "few.csv", "--clusters", "5"], "2 rows; expected at least 5"),
    (["--customers", "c.csv", "--clusters", "0"], "--clusters is 0"),
    (["--customers", "same.csv"], "column that varies"),
    (["--customers", "c.csv", "--algorithm", "RFM"], "RFM needs the columns"),
    (["--customers", "when.csv", "--algorithm", "RFM"], "when.csv:2: time is 'soon'"),
  ])
  func whatIsWrongIsNamed(arguments: [String], words: String) throws {
    let numbers = (1...20).map { "\($0),\($0 == 3 ? "x" : String($0))" }.joined(separator: "\n")
    let run = try CommandRun(
      ["segments"] + arguments,
      files: [
        "empty.csv": "id,a\n", "bad.csv": "id,a\n" + numbers, "twice.csv": "id,a\n1,2\n1,3\n",
        "few.csv": "id,a\n1,2\n2,3\n", "same.csv": "id,a\n1,2\n2,2\n3,2\n",
        "when.csv": "customer,time,amount\n1,soon,2\n", "c.csv": Self.table,
      ])
    #expect(run.status == 2 || run.status == 64)
    #expect(run.errors.contains(words), "\(run.errors)")
    #expect(run.output.isEmpty)
  }
}
