// The host's end of the simulated board: a pseudo-terminal, or a TCP port with one client at a time.
#pragma once
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <string>

class Wire {
   public:
    Wire() = default;
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    ~Wire() {
        for (int descriptor : {host_, side_, listener_})
            if (descriptor >= 0) close(descriptor);
    }

    const std::string& name() const { return name_; }
    // What to wait for: the host, or a client to come.
    int descriptor() const { return host_ >= 0 ? host_ : listener_; }

    // The slave side stays open, so that programs may come and go.
    bool open_terminal() {
        host_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (host_ < 0 || grantpt(host_) || unlockpt(host_)) return false;
        name_ = ptsname(host_);
        side_ = open(name_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
        termios settings;
        if (side_ < 0 || tcgetattr(side_, &settings)) return false;
        cfmakeraw(&settings);
        return tcsetattr(side_, TCSANOW, &settings) == 0 && do_not_block(host_);
    }

    bool listen(int port) {
        listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int yes = 1;
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(uint16_t(port));
        socklen_t size = sizeof address;
        if (listener_ < 0 || setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) ||
            bind(listener_, reinterpret_cast<sockaddr*>(&address), size) || ::listen(listener_, 1) ||
            getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) || !do_not_block(listener_))
            return false;
        name_ = "socket://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
        return true;
    }

    // Appends what the host has sent; true if there was something.
    bool receive(std::deque<uint8_t>& bytes) {
        if (host_ < 0 && !accept_client()) return false;
        uint8_t buffer[1024];
        const ssize_t count = read(host_, buffer, sizeof buffer);
        if (count > 0) bytes.insert(bytes.end(), buffer, buffer + count);
        if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) hang_up();
        return count > 0;
    }

    // Sends bytes, without waiting for a host that does not read; how many were lost.
    size_t send(const std::string& bytes) {
        if (host_ < 0) return bytes.size();
        const ssize_t count = write(host_, bytes.data(), bytes.size());
        return bytes.size() - (count > 0 ? size_t(count) : 0);
    }

   private:
    static bool do_not_block(int descriptor) { return fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0; }

    bool accept_client() {
        const int client = accept(listener_, nullptr, nullptr);
        if (client < 0) return false;
        const int yes = 1;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        do_not_block(client);
        host_ = client;
        return true;
    }

    void hang_up() {
        if (listener_ < 0) return;  // a pseudo-terminal: its slave side is open, this cannot last
        close(host_);
        host_ = -1;
    }

    int host_ = -1, side_ = -1, listener_ = -1;
    std::string name_;
};
