import Application
import ArgumentParser
import Commerce
import Foundation
import Learning
import Marketing
import MathKernels

/// `lode uplift`: what a treatment changed, for whom, and whom to treat next.
struct UpliftCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "uplift",
    abstract: "Say what a campaign changed, learn for whom, and score customers for the next one.",
    discussion: """
      Reads a row for each customer: whether they were treated, what came of it, what was known before. Learns on one part of the \
      customers for whom the treatment changes most (TLearner, SLearner, XLearner, TransformedOutcome) and measures on the other \
      part: Qini coefficient, area under the uplift curve, effect among the best tenths, with intervals by resampling. \
      All effects assume that chance decided who was treated; --observed instead adjusts for the columns known before, where \
      the shop chose. --scores writes each customer's expected effect.
      """)

  enum Base: String, ExpressibleByArgument, CaseIterable { case trees, linear }

  @OptionGroup var file: UpliftFile
  @Option(help: ArgumentHelp("The learners, separated by commas.", valueName: "names"))
  var learners = "TLearner,SLearner,XLearner,TransformedOutcome"
  @Option(help: "What they foretell outcomes with.") var base = Base.trees
  @Option(help: ArgumentHelp("The part of customers that is measured on.", valueName: "share"))
  var holdout = 0.5
  @Option(
    help: ArgumentHelp(
      "The share that was to be treated; checks that the counts agree with it.", valueName: "share"))
  var treatedShare: Double?
  @Flag(help: "The shop chose whom to treat: adjust for what was known before.") var observed = false
  @Option(help: ArgumentHelp("Write each customer's expected effect to a CSV file.", valueName: "file"))
  var scores: String?
  @Option(help: "The learner whose scores are written.") var scoreBy = "XLearner"
  @Option(help: "How many resamples the intervals take.") var resamples = 500
  @Option(help: "Seeds parts, trees and draws.") var seed: UInt64 = 42
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (0.1...0.9).contains(holdout) else { throw ValidationError("--holdout is 0.1 to 0.9.") }
    if let treatedShare, !(treatedShare > 0 && treatedShare < 1) {
      throw ValidationError("--treated-share is a number between 0 and 1.")
    }
    guard (10...100_000).contains(resamples) else { throw ValidationError("--resamples is 10 to 100000.") }
    _ = try chosen()
    _ = try NamedLearner(scoreBy)
  }

  private func chosen() throws -> [NamedLearner] {
    try learners.split(separator: ",").map { try NamedLearner($0.trimmingCharacters(in: .whitespaces)) }
  }

  func run() async throws {
    do { try await answer() } catch let error as MarketingError {
      throw ValidationError("\(file.customers): \(error)")
    }
  }

  private func answer() async throws {
    let contents = try file.read()
    contents.notes.forEach(Console.note)
    let response: ResponseLearner = base == .trees ? .trees : .line
    let (outcomes, treated) = (contents.data.outcomes, contents.data.treated)
    let effect = try TreatmentEffect.difference(outcomes: outcomes, treated: treated)
    Console.progress("checking who was treated", fraction: nil)
    var answer = UpliftAnswer(
      isObserved: observed, effect: effect,
      cuped: try contents.before.map {
        try TreatmentEffect.cuped(outcomes: outcomes, before: $0, treated: treated)
      },
      ratio: treatedShare.map {
        SampleRatio.check(treated: effect.treated, controls: effect.controls, treatedShare: $0)
      },
      adjusted: try await PropensityAdjustment().estimate(contents.data, context: FitContext(seed: seed)))
    let (training, test) = parts(contents.data)
    for learner in try chosen() {
      Console.progress("learning \(learner.name)", fraction: nil)
      let began = ContinuousClock.now
      let model = try await learner.fit(
        contents.data.part(training), base: response, context: FitContext(seed: seed))
      let held = contents.data.part(test)
      let found = try UpliftEvaluation(
        scores: try model.uplift(held.features), outcomes: held.outcomes, treated: held.treated,
        resamples: resamples, seed: seed)
      answer.models.append((learner.name, found, (ContinuousClock.now - began) / .seconds(1)))
    }
    Console.clearProgress()
    output.json ? output.write(json: answer.json) : answer.show()
    if let scores {
      try await write(contents, by: try NamedLearner(scoreBy), response, to: scores)
    }
  }

  /// Half of each arm learns and half measures, or as the option says.
  private func parts(_ data: UpliftDataset) -> (training: [Int], test: [Int]) {
    var random = RandomSource(seed: seed)
    var (training, test) = ([Int](), [Int]())
    for arm in [true, false] {
      let rows = data.treated.indices.filter { data.treated[$0] == arm }.shuffled(using: &random)
      let held = Int((Double(rows.count) * holdout).rounded())
      test += rows.prefix(held)
      training += rows.dropFirst(held)
    }
    return (training.sorted(), test.sorted())
  }

  /// Scores by a model of all customers, the greatest effect first.
  private func write(
    _ contents: UpliftFile.Contents, by learner: NamedLearner, _ response: ResponseLearner, to path: String
  ) async throws {
    let model = try await learner.fit(contents.data, base: response, context: FitContext(seed: seed))
    let effects = try model.uplift(contents.data.features)
    let order = effects.indices.sorted { (effects[$0], contents.ids[$1]) > (effects[$1], contents.ids[$0]) }
    let writer = CSVWriter(columns: ["customer_id", "uplift", "tenth", "treated", "outcome"])
    var text = writer.header
    for (place, row) in order.enumerated() {
      text += writer.line([
        "customer_id": .string(contents.ids[row]), "uplift": JSONValue(effects[row]),
        "tenth": JSONValue(place * 10 / order.count + 1),
        "treated": JSONValue(contents.data.treated[row] ? 1 : 0),
        "outcome": JSONValue(contents.data.outcomes[row]),
      ])
    }
    do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      throw ValidationError("\(path): cannot be written.")
    }
    Console.note("\(order.count) customers scored by \(learner.name) in \(path).")
  }
}

extension UpliftDataset {
  /// The customers of some rows.
  func part(_ rows: [Int]) -> UpliftDataset {
    var table = FeatureMatrix(names: features.names)
    table.reserveRows(rows.count)
    for row in rows { table.append(features.row(row)) }
    return UpliftDataset(
      features: table, treated: rows.map { treated[$0] }, outcomes: rows.map { outcomes[$0] },
      propensities: propensities.map { all in rows.map { all[$0] } })
  }
}

/// A learner of uplift by its name.
enum NamedLearner: String, CaseIterable {
  case tLearner = "TLearner"
  case sLearner = "SLearner"
  case xLearner = "XLearner"
  case transformedOutcome = "TransformedOutcome"

  init(_ name: String) throws {
    guard let found = Self.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() }) else {
      throw ValidationError(
        "There is no learner '\(name)'; there are \(Self.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    self = found
  }

  var name: String { rawValue }

  func fit(
    _ data: UpliftDataset, base: ResponseLearner, context: FitContext
  ) async throws -> any UpliftModel {
    switch self {
    case .tLearner: try await TLearner(base).fit(data, context: context)
    case .sLearner: try await SLearner(base).fit(data, context: context)
    case .xLearner: try await XLearner(base).fit(data, context: context)
    case .transformedOutcome: try await TransformedOutcome(base).fit(data, context: context)
    }
  }
}
