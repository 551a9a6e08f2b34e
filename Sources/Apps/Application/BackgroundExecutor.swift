import Dispatch

/// Runs long work on threads of its own, so that training never takes the threads that answer requests.
public final class BackgroundExecutor: TaskExecutor {
  /// The one that jobs run on.
  public static let shared = BackgroundExecutor()

  private let queue = DispatchQueue(label: "lode.background", qos: .utility, attributes: .concurrent)

  /// Runs a job on a background thread.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
