from yanta.config.cli.entry import main

main()
