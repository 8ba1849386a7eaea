"""corsproxy completion: the script by which a shell completes corsproxy's words."""

import click

from corsproxy.cli import shell_completion


@click.command("completion")
@click.argument("shell", type=click.Choice(shell_completion.SHELLS))
def command(shell: str) -> None:
    """Print the script by which a shell completes commands, flags, their values and files.

    \b
    bash  eval "$(corsproxy completion bash)"    in ~/.bashrc
    zsh   eval "$(corsproxy completion zsh)"     in ~/.zshrc, below compinit
    fish  corsproxy completion fish | source     in ~/.config/fish/config.fish
    """  # noqa: D301 - click's own mark: what follows keeps its lines
    print(shell_completion.script(shell), end="")
