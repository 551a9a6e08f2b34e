import Commerce
import Foundation
import ServerTesting
import Testing

/// The built program on baskets of plain files.
@Suite(.enabled(if: ServerProcess.binary != nil, Comment(rawValue: ServerProcess.absence)))
struct PatternsCommandTests {
  /// 40 baskets of bread with butter, 10 of bread, 50 of tea; a quarter of each in the later half of the year.
  private static let table: String = {
    var rows = ["basket,item,time,customer"]
    for index in 0..<100 {
      let time = index % 4 == 3 ? "2024-09-01" : "2024-03-01"
      let items = index < 40 ? ["bread", "\"butter, salted\""] : index < 50 ? ["bread"] : ["tea"]
      for item in items { rows.append("b\(index),\(item),\(time),c\(index % 10)") }
    }
    return rows.joined(separator: "\n") + "\n"
  }()

  @Test func rulesComeWithTheirMeasures() throws {
    let run = try CommandRun(["patterns", "--baskets", "b.csv", "--json"], files: ["b.csv": Self.table])
    #expect(run.status == 0, "\(run.errors)")
    let answer = try JSONValue(json: Array(run.output.utf8))
    let rule = try #require(answer["rules"]?.array?.first { $0["antecedent"] == ["butter, salted"] })
    #expect(rule["consequent"] == ["bread"] && rule["count"] == 40 && rule["confidence"] == 1)
    #expect(rule["lift"]?.number == 2 && rule["conviction"] == .null)
    #expect(answer["itemsets"]?.array?.count == 4)
  }

  @Test func allAlgorithmsWriteTheSameSets() throws {
    let outputs = try ["FPGrowth", "Eclat", "Apriori"].map { algorithm in
      let run = try CommandRun(
        [
          "patterns", "--baskets", "b.txt", "--show", "itemsets", "--min-count", "2", "--algorithm",
          algorithm,
        ],
        files: ["b.txt": "bread butter\nbread butter tea\ntea\n\nbread\n"])
      #expect(run.status == 0, "\(run.errors)")
      return run.output
    }
    #expect(Set(outputs).count == 1 && outputs[0].contains("\"[\"\"bread\"\",\"\"butter\"\"]\",2,0.5"))
  }

  @Test func rulesAreTriedOnLaterBaskets() throws {
    let run = try CommandRun(
      ["patterns", "--baskets", "b.csv", "--validate-from", "2024-07-01", "--json"],
      files: ["b.csv": Self.table])
    let rules = try JSONValue(json: Array(run.output.utf8))["rules"]?.array ?? []
    let rule = try #require(rules.first { $0["antecedent"] == ["butter, salted"] })
    #expect(rule["count"] == 30 && rule["later_count"] == 10 && rule["holds"] == true)
  }

  @Test func sequencesAreThoseOfCustomers() throws {
    let run = try CommandRun(
      [
        "patterns", "--baskets", "b.csv", "--show", "sequences", "--min-support", "0.5", "--max-length", "2",
        "--json",
      ],
      files: ["b.csv": Self.table])
    let answer = try JSONValue(json: Array(run.output.utf8))
    #expect(answer["customers"] == 10)
    #expect(answer["sequences"]?.array?.contains { $0["baskets"] == [["tea"], ["tea"]] } == true)
  }

  @Test(arguments: [
    (["--baskets", "none.csv"], "cannot be read"),
    (["--baskets", "empty.txt"], "no baskets"),
    (["--baskets", "bad.csv"], "bad.csv:3: item is ''; expected an item"),
    (["--baskets", "when.csv"], "when.csv:2: time is 'soon'; expected a date"),
    (["--baskets", "b.txt", "--validate-from", "2024-01-01"], "needs a time"),
    (["--baskets", "b.txt", "--show", "sequences"], "need the columns"),
    (["--baskets", "b.txt", "--min-support", "2"], "expected a share"),
  ])
  func whatIsWrongIsNamed(arguments: [String], words: String) throws {
    let run = try CommandRun(
      ["patterns"] + arguments,
      files: [
        "empty.txt": "\n\n", "bad.csv": "basket,item\n1,tea\n1,\n",
        "when.csv": "basket,item,time\n1,tea,soon\n",
        "b.txt": "tea milk\n",
      ])
    #expect(run.status == 2 || run.status == 64)
    #expect(run.errors.contains(words), "\(run.errors)")
    #expect(run.output.isEmpty)
  }
}
