import Commerce

/// A piece of long work: its state survives a restart.
public struct Job: Sendable, Equatable, Codable {
  /// What kind of work.
  public enum Kind: String, Sendable, Codable {
    /// A file is taken in.
    case `import`
    /// Models are trained and needs mined.
    case training
    /// Needs are mined from what customers wrote.
    case voice
    /// The weeks to come are forecast.
    case demand
    /// Customers are segmented.
    case segments
    /// What customers are worth is reckoned.
    case value
    /// What is bought together is mined.
    case patterns
    /// Who stops buying is foretold.
    case churn
  }

  /// How far it has come.
  public enum Status: String, Sendable, Codable {
    /// It waits for its turn.
    case queued
    /// It runs.
    case running
    /// It ended well.
    case succeeded
    /// It ended with an error.
    case failed
    /// Someone stopped it.
    case cancelled
  }

  /// The job's id.
  public let jobID: String
  /// What kind of work.
  public let kind: Kind
  /// What to work on; enough to run it again after a restart.
  public let input: JSONValue
  /// How far it has come.
  public var status: Status = .queued
  /// What it is doing, in words.
  public var stage: String?
  /// The step it is at, counted from 1.
  public var step: Int = 0
  /// How many steps there are.
  public var totalSteps: Int?
  /// The share done, 0 to 1, when it can be told.
  public var fraction: Double?
  /// Figures of the present stage.
  public var metrics: [String: Double] = [:]
  /// What went wrong.
  public var error: String?
  /// What came of it.
  public var result: JSONValue?
  /// When it was asked for.
  public let createdAt: Timestamp
  /// When it began.
  public var startedAt: Timestamp?
  /// When it ended.
  public var finishedAt: Timestamp?
  /// How often its work was begun without an orderly end: counted before the work starts, so that a job which ends the
  /// process is not run for ever.
  public var attempts: Int = 0

  init(jobID: String, kind: Kind, input: JSONValue, createdAt: Timestamp) {
    self.jobID = jobID
    self.kind = kind
    self.input = input
    self.createdAt = createdAt
  }

  /// Whether it has ended, one way or another.
  public var isOver: Bool { status == .succeeded || status == .failed || status == .cancelled }

  private enum CodingKeys: String, CodingKey {
    case jobID = "job_id"
    case kind, input, status, stage, step
    case totalSteps = "total_steps"
    case fraction, metrics, error, result
    case createdAt = "created_at"
    case startedAt = "started_at"
    case finishedAt = "finished_at"
    case attempts
  }

  /// Decodes a job; one that an earlier version saved has no attempts.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    jobID = try values.decode(String.self, forKey: .jobID)
    kind = try values.decode(Kind.self, forKey: .kind)
    input = try values.decode(JSONValue.self, forKey: .input)
    status = try values.decode(Status.self, forKey: .status)
    stage = try values.decodeIfPresent(String.self, forKey: .stage)
    step = try values.decodeIfPresent(Int.self, forKey: .step) ?? 0
    totalSteps = try values.decodeIfPresent(Int.self, forKey: .totalSteps)
    fraction = try values.decodeIfPresent(Double.self, forKey: .fraction)
    metrics = try values.decodeIfPresent([String: Double].self, forKey: .metrics) ?? [:]
    error = try values.decodeIfPresent(String.self, forKey: .error)
    result = try values.decodeIfPresent(JSONValue.self, forKey: .result)
    createdAt = try values.decode(Timestamp.self, forKey: .createdAt)
    startedAt = try values.decodeIfPresent(Timestamp.self, forKey: .startedAt)
    finishedAt = try values.decodeIfPresent(Timestamp.self, forKey: .finishedAt)
    attempts = try values.decodeIfPresent(Int.self, forKey: .attempts) ?? 0
  }
}

/// A step of a job, as the work itself reports it.
public struct JobProgress: Sendable {
  /// What is being done, in words.
  public var stage: String
  /// The step, counted from 1.
  public var step: Int
  /// How many steps there are.
  public var totalSteps: Int
  /// The share of the whole job done, 0 to 1.
  public var fraction: Double?
  /// Figures of the stage.
  public var metrics: [String: Double]

  /// One report.
  public init(
    stage: String, step: Int, totalSteps: Int, fraction: Double? = nil, metrics: [String: Double] = [:]
  ) {
    self.stage = stage
    self.step = step
    self.totalSteps = totalSteps
    self.fraction = fraction
    self.metrics = metrics
  }
}

extension Job {
  /// The job as the API shows it: without its input, with every member even when it is null.
  public var json: JSONValue {
    [
      "job_id": .string(jobID), "kind": .string(kind.rawValue), "status": .string(status.rawValue),
      "stage": JSONValue(stage), "step": JSONValue(step),
      "total_steps": totalSteps.map { JSONValue($0) } ?? nil,
      "fraction": JSONValue(fraction), "metrics": .object(metrics.mapValues { JSONValue($0) }),
      "error": JSONValue(error), "result": result ?? nil, "created_at": JSONValue(createdAt),
      "started_at": JSONValue(startedAt), "finished_at": JSONValue(finishedAt),
      "attempts": JSONValue(attempts),
    ]
  }
}
