import CustomerValue
import Foundation
import Learning
import MathKernels
import Testing

/// Customers of a made-up telephone company, whose true risks are known.
enum MadeUpChurn {
  static func table(_ count: Int, seed: UInt64) throws -> ChurnTable {
    var random = RandomSource(seed: seed)
    var (tenure, price, contract, noise, labels) = ([Double](), [Double](), [String](), [String](), [Bool?]())
    for _ in 0..<count {
      let months = (random.uniform() * 60).rounded()
      let isYearly = random.uniform() < 0.4
      let cost = 20 + random.uniform() * 80
      let logOdds = 1 - 0.06 * months - (isYearly ? 2 : 0) + 0.02 * (cost - 60)
      tenure.append(months)
      price.append(random.uniform() < 0.05 ? .nan : cost)
      contract.append(isYearly ? "yearly" : "monthly")
      noise.append(["a", "b", "c"][random.index(below: 3)])
      labels.append(random.uniform() < SpecialFunctions.logistic(logOdds))
    }
    return try ChurnTable(
      ids: (0..<count).map { "c\($0)" },
      columns: [
        .init(name: "tenure", .numbers(tenure)), .init(name: "price", .numbers(price)),
        .init(name: "contract", .categories(contract)), .init(name: "noise", .categories(noise)),
      ], labels: labels)
  }

  /// Few settings, so that tests are quick.
  static let quick = ChurnClassifier.Configuration(
    folds: 3, regularizations: [5, 50], rounds: [1: [100], 2: [60]], ensembles: 2)
}

@Suite struct ChurnTests {
  @Test func findsWhatDecidesAndStatesProbabilitiesThatHold() async throws {
    let models = try await ChurnClassifier(MadeUpChurn.quick).compare(
      MadeUpChurn.table(3000, seed: 1), context: FitContext(seed: 1))
    #expect(Set(models.map(\.family)) == Set(ChurnClassifier.Family.allCases))
    #expect(models.map(\.choice.logLoss) == models.map(\.choice.logLoss).sorted())
    let fresh = try MadeUpChurn.table(3000, seed: 2)
    for model in models {
      let figures = try ChurnEvaluation(
        risks: model.risks(fresh), left: fresh.labels.map { $0 == true })
      #expect(figures.areaUnderROC > 0.8, "\(model.family)")
      #expect(figures.calibrationError < 0.04, "\(model.family)")
      #expect(try model.importance(fresh).last?.column == "noise", "\(model.family)")
    }
  }

  @Test func reasonsAddUpToTheRisk() async throws {
    let model = try await ChurnClassifier(MadeUpChurn.quick).fit(
      MadeUpChurn.table(1500, seed: 3), context: FitContext(seed: 3))
    let fresh = try MadeUpChurn.table(100, seed: 4)
    let risks = try model.risks(fresh)
    for (reasons, risk) in zip(try model.explain(fresh), risks) {
      #expect(reasons.drivers.count == 4)
      #expect(abs(reasons.risk - risk) < 1e-5)
    }
  }

  @Test func sameSeedGivesTheSameModelAndSavingKeepsIt() async throws {
    let table = try MadeUpChurn.table(800, seed: 5)
    let fresh = try MadeUpChurn.table(50, seed: 6)
    let classifier = ChurnClassifier(MadeUpChurn.quick)
    let model = try await classifier.fit(table, context: FitContext(seed: 7))
    #expect(try await classifier.fit(table, context: FitContext(seed: 7)).risks(fresh) == model.risks(fresh))
    let saved = try JSONDecoder().decode(ChurnModel.self, from: JSONEncoder().encode(model))
    #expect(try saved.risks(fresh) == model.risks(fresh))
    let single = try (0..<50).map { try model.risks(fresh.selecting([$0]))[0] }
    #expect(try model.risks(fresh) == single)
  }

  @Test func unseenCategoriesAndGapsAreRisksToo() async throws {
    let model = try await ChurnClassifier(MadeUpChurn.quick).fit(
      MadeUpChurn.table(800, seed: 8), context: FitContext(seed: 8))
    let odd = try ChurnTable(
      ids: ["x"],
      columns: [
        .init(name: "tenure", .numbers([.nan])), .init(name: "price", .numbers([500])),
        .init(name: "contract", .categories(["weekly"])), .init(name: "noise", .categories([""])),
      ], labels: [nil])
    let risk = try model.risks(odd)[0]
    #expect(risk > 0 && risk < 1)
    let other = try ChurnTable(ids: ["x"], columns: [.init(name: "tenure", .numbers([1]))], labels: [nil])
    #expect(throws: CustomerValueError.self) { try model.risks(other) }
  }

  @Test func tooFewLeaversAreRefused() async throws {
    let table = try ChurnTable(
      ids: (0..<30).map { "\($0)" }, columns: [.init(name: "x", .numbers((0..<30).map(Double.init)))],
      labels: (0..<30).map { $0 < 5 })
    await #expect(throws: CustomerValueError.self) {
      try await ChurnClassifier(MadeUpChurn.quick).fit(table, context: FitContext())
    }
  }

  @Test func figuresOfFourCustomersByHand() throws {
    let figures = try ChurnEvaluation(
      risks: [0.9, 0.2, 0.6, 0.1], left: [true, false, false, true], costs: .init(contact: 1, loss: 10))
    #expect(figures.areaUnderROC == 0.5)
    #expect(figures.lift(at: 0.25) == 2)
    // Nobody contacted: two lost. All contacted: four contacts.
    #expect(figures.curve[0].cost == 5 && figures.curve[20].cost == 1)
    #expect(figures.curve[20].captured == 1 && figures.curve[10].leavers == 1)
    #expect(figures.cheapest.contacted == 4)
  }
}

@Suite struct CounterfactualTests {
  @Test func changesAreSmallAllowedSeenAndEnough() async throws {
    let table = try MadeUpChurn.table(1500, seed: 11)
    let model = try await ChurnClassifier(MadeUpChurn.quick).fit(table, context: FitContext(seed: 11))
    let risks = try model.risks(table)
    let atRisk = try #require(
      table.ids.indices.first { risks[$0] > 0.6 && table.row($0)[2] == .category("monthly") })
    let search = try Counterfactuals(
      model: model, examples: table, .init(fixed: ["price", "noise"], increasing: ["tenure"]))
    let found = try search.find(for: table.row(atRisk), below: 0.3)
    #expect(!found.isEmpty)
    for finding in found {
      #expect(finding.risk < 0.3)
      var row = table.row(atRisk)
      for change in finding.changes {
        #expect(["tenure", "contract"].contains(change.column))
        #expect(change.from == row[table.columns.firstIndex { $0.name == change.column }!])
        if case .number(let to) = change.to, case .number(let from) = change.from { #expect(to > from) }
        row[table.columns.firstIndex { $0.name == change.column }!] = change.to
      }
      // Scored anew, the changed customer has the risk that is stated.
      #expect(abs(try model.risks(table.replacingRows([row]))[0] - finding.risk) < 1e-12)
    }
    #expect(found.map(\.cost) == found.map(\.cost).sorted())
  }

  @Test func nothingIsChangedWhereNothingMayOrNeed() async throws {
    let table = try MadeUpChurn.table(800, seed: 12)
    let model = try await ChurnClassifier(MadeUpChurn.quick).fit(table, context: FitContext(seed: 12))
    let all = Set(table.columns.map(\.name))
    let fixed = try Counterfactuals(model: model, examples: table, .init(fixed: all))
    #expect(try fixed.find(for: table.row(0), below: 0.001).isEmpty)
    let free = try Counterfactuals(model: model, examples: table)
    #expect(try free.find(for: table.row(0), below: 1).isEmpty)
    #expect(throws: CustomerValueError.self) {
      try Counterfactuals(model: model, examples: table, .init(fixed: ["colour"]))
    }
    #expect(throws: CustomerValueError.self) {
      try Counterfactuals(model: model, examples: table, .init(increasing: ["contract"]))
    }
  }

  @Test func valuesNeverSeenTogetherAreNotProposed() async throws {
    // No customer without a line has a line's extras.
    var (line, extra, labels) = ([String](), [String](), [Bool?]())
    var random = RandomSource(seed: 13)
    for _ in 0..<600 {
      let hasLine = random.uniform() < 0.7
      let hasExtra = hasLine && random.uniform() < 0.5
      line.append(hasLine ? "yes" : "no")
      extra.append(hasLine ? hasExtra ? "yes" : "no" : "none")
      labels.append(random.uniform() < (hasLine ? hasExtra ? 0.3 : 0.8 : 0.05))
    }
    let table = try ChurnTable(
      ids: (0..<600).map { "\($0)" },
      columns: [.init(name: "line", .categories(line)), .init(name: "extra", .categories(extra))],
      labels: labels)
    let model = try await ChurnClassifier(MadeUpChurn.quick).fit(table, context: FitContext(seed: 13))
    let search = try Counterfactuals(model: model, examples: table, .init(maximumChanges: 1))
    let found = try search.find(for: [.category("yes"), .category("no")], below: 0.5)
    #expect(found.map(\.changes).map { $0.map(\.to) } == [[.category("yes")]])
  }
}
