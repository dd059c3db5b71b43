package org.charlstm.machine;

import module java.base;

/**
 * Hosts on this one machine, each with a name, an address and a network device of its own: namespaces of Linux, and one
 * more that is the switch between them: {@link Need#NAMESPACES}.
 */
public final class NetworkHosts implements AutoCloseable {
    /** A device's name has 15 characters at most. */
    private static final String DEVICE = "charlstm0";
    private static final List<String> OPTIONS = List.of("--allow-run-as-root", "--mca", "btl_tcp_if_include", DEVICE,
            "--prtemca", "prte_if_include", DEVICE);
    private static final String SWITCH = "switch";

    private final String prefix = "charlstm-" + ProcessHandle.current().pid() + "-";
    private final Path folder;
    private final List<String> names;

    /** Makes them; the folder takes a script, and what Open MPI keeps on files. */
    public NetworkHosts(Path folder, String... names) throws IOException {
        this.folder = folder;
        this.names = List.of(names);
        String failure = shell(made());
        if (!failure.isEmpty()) {
            close();
            throw new IOException(failure);
        }
    }

    private String made() {
        StringBuilder lines = new StringBuilder("set -e\n");
        String ports = "ip -n " + prefix + SWITCH;
        lines.append("ip netns add ").append(prefix).append(SWITCH).append('\n');
        lines.append(ports).append(" link add name bridge type bridge\n").append(ports).append(" link set bridge up\n");
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            String host = "ip -n " + prefix + name;
            lines.append("ip netns add ").append(prefix).append(name).append('\n');
            lines.append(host).append(" link add ").append(DEVICE).append(" type veth peer name ").append(name)
                    .append(" netns ").append(prefix).append(SWITCH).append('\n');
            lines.append(ports).append(" link set ").append(name).append(" master bridge up\n");
            lines.append(host).append(" address add 10.77.0.").append(i + 1).append("/24 dev ").append(DEVICE)
                    .append('\n');
            lines.append(host).append(" link set ").append(DEVICE).append(" up\n");
            lines.append(host).append(" link set lo up\n");
        }
        return lines.toString();
    }

    /** The errors of a shell and its commands; empty where all succeed. */
    private static String shell(String script) throws IOException {
        Process process = new ProcessBuilder("sh", "-c", script).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.onExit().join().exitValue();
        return code == 0 ? "" : said + "exit code " + code;
    }

    /** Starts a rank on each host, from the first of them, as Open MPI does it over ssh. */
    public Process start(List<String> options, List<String> program) throws IOException {
        Path agent = folder.resolve("agent");
        Files.writeString(agent, """
                #!/bin/sh
                # In ssh's place: the host, and what is to run there.
                host=$1
                shift
                exec nsenter --net=/run/netns/%s$host unshare --uts sh -c "hostname $host; $*"
                """.formatted(prefix));
        Files.setPosixFilePermissions(agent, PosixFilePermissions.fromString("rwx------"));
        String first = names.getFirst();
        List<String> line = Stream.of(
                List.of("nsenter", "--net=/run/netns/" + prefix + first, "unshare", "--uts", "sh", "-c",
                        "hostname " + first + " && exec \"$@\"", "sh"),
                MpiLauncher.OPEN.launcher().subList(0, 1), OPTIONS,
                List.of("--prtemca", "plm_ssh_agent", agent.toString(), "--host", String.join(",", names), "-n",
                        String.valueOf(names.size())),
                options, program).flatMap(List::stream).toList();
        ProcessBuilder builder = new ProcessBuilder(line).redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile());
        builder.environment().put("TMPDIR", folder.toString());
        return builder.start();
    }

    /** The processes of a host. */
    public List<ProcessHandle> processes(String name) throws IOException {
        Process process = new ProcessBuilder("ip", "netns", "pids", prefix + name).start();
        List<ProcessHandle> found = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines()
                .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid.strip())).stream()).toList();
        process.onExit().join();
        return found;
    }

    /** Pulls the cable of a host out of the switch: from now on nothing comes through, and nobody is told. */
    public void cutOff(String name) throws IOException {
        port(name, "down");
    }

    /** Puts it back in, to a host that is as if it had just been switched on. */
    public void restart(String name) throws IOException {
        end(name);
        port(name, "up");
    }

    private void port(String name, String state) throws IOException {
        String failure = shell("ip -n " + prefix + SWITCH + " link set " + name + " " + state);
        if (!failure.isEmpty()) {
            throw new IOException(failure);
        }
    }

    /** Ends what still runs on the hosts, and waits for it: the next job begins alone. */
    public void clear() throws IOException {
        for (String name : names) {
            end(name);
        }
    }

    private void end(String name) throws IOException {
        List<ProcessHandle> found = processes(name);
        found.forEach(ProcessHandle::destroyForcibly);
        found.forEach(each -> each.onExit().join());
    }

    @Override
    public void close() throws IOException {
        clear();
        List<String> all = Stream.concat(names.stream(), Stream.of(SWITCH)).toList();
        StringBuilder lines = new StringBuilder();
        all.forEach(name -> lines.append("ip netns delete ").append(prefix).append(name).append('\n'));
        shell(lines.toString());
    }
}
