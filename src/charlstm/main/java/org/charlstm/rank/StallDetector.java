package org.charlstm.rank;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Setting;
import org.jspecify.annotations.Nullable;

/**
 * Finds the ranks that stall while the others wait for them. A rank that has got no further for a while tells all
 * others how far it is, once a second, from a thread of its own; nothing is sent while all get on. A rank that is
 * behind, and gives no sign of getting on for the whole timeout, is late: it hangs, or its messages do not arrive.
 * Between steps this thread sends the signs of life, for at most the time that one piece of work there may take.
 */
final class StallDetector {
    private static final long MAX_QUIET = TimeUnit.SECONDS.toNanos(1);
    /** How often messages are polled in that time. */
    private static final int LOOKS = 20;
    /** The words of a message: the rank, its arrivals, its step, and its signs. */
    private static final int WORDS = 4;

    private final Mpi mpi;
    private final Mpi.Communicator communicator;
    private final ReentrantLock lock;
    private final Collective ranks;
    private final int rank;
    private final int size;
    private final long timeout;
    private final long patience;
    private final long quiet;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment received = arena.allocate(ValueLayout.JAVA_LONG, WORDS);
    private final Mpi.Request probe = Mpi.request(arena);
    private final List<Peer> peers;
    private final Thread thread;
    private final CountDownLatch stopped = new CountDownLatch(1);
    /** How often this rank has come to where it needs the others, or to a step. */
    private final AtomicLong arrivals = new AtomicLong();
    /** How often it has said that it is alive. */
    private final AtomicLong signs = new AtomicLong();
    private volatile long step = -1;
    private volatile long stepBefore = -1;
    private volatile long moved = System.nanoTime();
    /** Within an epoch only arrivals and steps count as signs of life; else this thread sends them. */
    private volatile boolean stepping;
    private volatile long signed = moved;
    private volatile @Nullable String failure;
    final Unblocker unblocker = new Unblocker(stopped);
    /** Whether nothing has come from another host for a while. */
    private volatile boolean hostLost;

    /** How far a rank has said that it is, -1 before its first message, and the message to it. */
    private final class Peer {
        private final MemorySegment message = arena.allocate(ValueLayout.JAVA_LONG, WORDS);
        /** MPI owns the message's memory until it is sent. */
        private final Mpi.Request request = Mpi.request(arena);
        private boolean sending;
        private long arrivals = -1;
        private long step = -1;
        private long signs = -1;
        /** Since when it is no further. */
        private long since = moved;
        /** When its last message came. */
        private long heard = moved;
    }

    StallDetector(Mpi mpi, Mpi.Communicator communicator, ReentrantLock lock, Collective ranks, Duration timeout,
            Duration patience) {
        this.mpi = mpi;
        this.communicator = communicator;
        this.lock = lock;
        this.ranks = ranks;
        rank = ranks.rank();
        size = ranks.size();
        this.timeout = timeout.toNanos();
        this.patience = patience.toNanos();
        quiet = Math.min(MAX_QUIET, this.timeout / 4);
        peers = Stream.generate(Peer::new).limit(size).toList();
        thread = Thread.ofPlatform().daemon().name("charlstm ranks").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** This rank has come to where it needs the others. */
    void arrive() {
        stepBefore = step;
        arrivals.incrementAndGet();
        moved = System.nanoTime();
    }

    void move() {
        moved = System.nanoTime();
    }

    void step(long now) {
        stepping = true;
        stepBefore = step;
        step = now;
        arrivals.incrementAndGet();
        moved = System.nanoTime();
    }

    void stepsDone() {
        alive();
        stepping = false;
    }

    void alive() {
        signed = System.nanoTime();
        signs.incrementAndGet();
    }

    void check() {
        String found = failure;
        if (found != null) {
            unblocker.noted();
            throw new CharlstmException(found).mendedBy(Setting.RANK_TIMEOUT);
        }
    }

    /** Sends nothing more, and waits for the messages under way, as MPI wants it before its end. */
    void stop() {
        stopped.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        long end = System.nanoTime() + MAX_QUIET;
        for (Peer peer : peers) {
            while (peer.sending && !mpi.done(peer.request) && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        }
    }

    private void run() {
        long looked = System.nanoTime();
        long told = looked;
        while (failure == null && pause(Math.max(1, TimeUnit.NANOSECONDS.toMillis(quiet / LOOKS)))) {
            long now = System.nanoTime();
            if (now - looked > timeout / 2) {
                // This process itself was stopped, and perhaps all others with it.
                moved = now;
            }
            looked = now;
            lock.lock();
            try {
                listen();
                if (now - moved > quiet && now - told > quiet) {
                    if (!stepping && now - Math.max(moved, signed) < patience) {
                        signs.incrementAndGet();
                    }
                    tell();
                    told = now;
                }
                if (now - moved > timeout) {
                    judge(now);
                }
            } catch (RuntimeException e) {
                failure = e instanceof CharlstmException ? e.getMessage() : e.toString();
            } finally {
                lock.unlock();
            }
        }
        String found = failure;
        if (found != null) {
            unblocker.start(found, () -> abort(1));
        }
    }

    /** Ends all ranks with an exit code; it does not return. */
    void abort(int code) {
        if (hostLost) {
            HungMpirun.end();
        }
        mpi.abort(code);
    }

    /** Waits; false once this thread is to end. */
    private boolean pause(long milliseconds) {
        try {
            return !stopped.await(milliseconds, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    private void listen() {
        while (mpi.receive(received, communicator, probe)) {
            Peer from = peers.get((int) received.getAtIndex(ValueLayout.JAVA_LONG, 0));
            long arrived = received.getAtIndex(ValueLayout.JAVA_LONG, 1);
            long gaveSigns = received.getAtIndex(ValueLayout.JAVA_LONG, 3);
            from.heard = System.nanoTime();
            if (from.arrivals != arrived || from.signs != gaveSigns) {
                from.since = from.heard;
            }
            from.arrivals = arrived;
            from.step = received.getAtIndex(ValueLayout.JAVA_LONG, 2);
            from.signs = gaveSigns;
        }
    }

    private void tell() {
        for (int r = 0; r < size; r++) {
            Peer peer = peers.get(r);
            if (r == rank || (peer.sending && !mpi.done(peer.request))) {
                continue;
            }
            peer.message.setAtIndex(ValueLayout.JAVA_LONG, 0, rank);
            peer.message.setAtIndex(ValueLayout.JAVA_LONG, 1, arrivals.get());
            peer.message.setAtIndex(ValueLayout.JAVA_LONG, 2, step);
            peer.message.setAtIndex(ValueLayout.JAVA_LONG, 3, signs.get());
            mpi.send(peer.message, r, communicator, peer.request);
            peer.sending = true;
        }
    }

    private void judge(long now) {
        List<Integer> late = new ArrayList<>();
        for (int r = 0; r < size; r++) {
            Peer peer = peers.get(r);
            if (r != rank && peer.arrivals < arrivals.get() && now - Math.max(moved, peer.since) > timeout) {
                late.add(r);
                List<String> hosts = ranks.hosts();
                if (!hosts.isEmpty() && !hosts.get(r).equals(hosts.get(rank)) && now - peer.heard > timeout / 2) {
                    // A rank that hangs still sends messages.
                    hostLost = true;
                }
            }
        }
        if (!late.isEmpty()) {
            String who = late.stream().map(ranks::name).collect(Collectors.joining(", "));
            failure = who + (late.size() == 1 ? " has" : " have") + " not answered for " + seconds(timeout)
                    + where(late) + "; see whether " + (late.size() == 1 ? "it still runs" : "they still run")
                    + " and can be reached";
        }
    }

    /** The steps of the late ranks and of this one, if known; a late rank is at least at the step before this one's. */
    private String where(List<Integer> late) {
        if (step < 0) {
            return "";
        }
        long theirs = late.stream().mapToLong(r -> Math.max(peers.get(r).step, stepBefore)).min().orElse(stepBefore);
        return " (" + (theirs < 0 ? "before its first step" : "step " + theirs) + "; " + ranks.name(rank)
                + " is at step " + step + ")";
    }

    static String seconds(long nanos) {
        double seconds = nanos / 1e9;
        return (seconds == Math.rint(seconds) ? Long.toString((long) seconds) : Double.toString(seconds)) + " s";
    }
}
