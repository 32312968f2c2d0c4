package io.mortise.driver.ends;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Between a client and its server; hands on what both say, until it falls silent. */
public final class SilentProxy implements AutoCloseable {
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final ServerSocket listening;
    private volatile boolean silent;
    private volatile boolean losesAnswers;

    public SilentProxy() {
        try {
            listening = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    public int port() {
        return listening.getLocalPort();
    }

    public void forward(int port) {
        start(() -> {
            while (true) {
                Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
                sockets.addAll(List.of(client, server));
                start(() -> copy(client.getInputStream(), server.getOutputStream(), false));
                start(() -> copy(server.getInputStream(), client.getOutputStream(), true));
            }
        });
    }

    public void fallSilent() {
        silent = true;
    }

    /** The server hears everything from here on, and its client nothing. */
    public void loseAnswers() {
        losesAnswers = true;
    }

    private void copy(InputStream from, OutputStream to, boolean isAnswer) throws IOException {
        byte[] buffer = new byte[8192];
        for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
            if (!silent && !(isAnswer && losesAnswers)) {
                to.write(buffer, 0, read);
            }
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                return; // Somebody has hung up.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
